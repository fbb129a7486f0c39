"""Starting everything together on one machine: `yici run` and `yici demo`."""
