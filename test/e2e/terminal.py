"""Runs a command on a terminal of its own, 80 columns (or COLUMNS) by 24 rows: python3 terminal.py COMMAND...

What comes on stdin is typed; what the screen gets comes on stdout. Ends as the command ends.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns = int(os.environ.pop('COLUMNS', '80'))
pid, screen = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [screen, 0]
while True:
    for fd in select.select(watched, [], [])[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:  # Linux: the command has closed the terminal
            data = b''
        if fd == 0 and not data:
            watched.remove(0)
        elif fd == 0:
            os.write(screen, data)
        elif data:
            os.write(1, data)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
