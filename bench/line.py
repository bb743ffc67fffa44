"""A line between two network namespaces that takes MS milliseconds in each direction, for every packet: TCP handshakes too.

usage: line.py MS NEAR FAR. NEAR gets 198.18.0.1, FAR 198.18.0.2 (RFC 2544: for benchmarks). Says 'ready', ends with its input.
"""
import fcntl, heapq, os, select, struct, subprocess, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SPIN = 0.0005  # A sleep ends late; the last half millisecond is waited out awake.


def open_end(name, namespace, address):
    end = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    for line in (f'link set {name} netns {namespace}', f'-n {namespace} addr add {address}/30 dev {name}',
                 f'-n {namespace} link set {name} up', f'-n {namespace} link set lo up'):
        subprocess.run(['ip', *line.split()], check=True)
    return end


delay = float(sys.argv[1]) / 1000
near = open_end('line-near', sys.argv[2], '198.18.0.1')
far = open_end('line-far', sys.argv[3], '198.18.0.2')
other = {near: far, far: near}
under_way, count = [], 0
print('ready', flush=True)
while True:
    wait = None if not under_way else max(0, under_way[0][0] - time.monotonic() - SPIN)
    readable, _, _ = select.select([near, far, sys.stdin], [], [], wait)
    if sys.stdin in readable:
        break
    for end in readable:
        try:
            while True:
                packet = os.read(end, 65536)
                heapq.heappush(under_way, (time.monotonic() + delay, count, other[end], packet))
                count += 1
        except BlockingIOError:
            pass
    while under_way and under_way[0][0] - time.monotonic() <= SPIN:
        due, _, end, packet = heapq.heappop(under_way)
        while time.monotonic() < due:
            pass
        os.write(end, packet)
