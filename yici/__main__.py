"""`yici …`: the door to every command of the terminal, the platform and the rehearsal."""

from yici.command_line import main

if __name__ == "__main__":
    main()
