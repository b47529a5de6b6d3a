"""Runs a command on a terminal of its own, 80 columns by 24 rows: python3 terminal.py COMMAND...

What comes on stdin is typed; what the screen gets comes on stdout. Ends as the command ends.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

pid, screen = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
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
