"""A virtual X screen seen and touched from the twins' panel: development and the demo only."""
