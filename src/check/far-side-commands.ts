import { portsText } from './port-reach.ts';

/** The ports of this machine that are to be tried, and the address that they are on. */
export interface PortsToTry {
  address: string;
  tcp: readonly number[];
  udp: readonly number[];
}

/** nmap takes '7100-7103,7110'. */
const list = (ports: readonly number[]): string => portsText(ports).replaceAll(', ', ',');

function tcpCommands({ address, tcp }: PortsToTry): string[] {
  if (tcp.length === 0) return [];
  return [
    `Linux, macOS:  for p in ${tcp.join(' ')}; do nc -vz -w 3 ${address} $p; done`,
    `nmap:          nmap -Pn -sT -p ${list(tcp)} ${address}`,
    `PowerShell:    ${tcp.join(',')} | ForEach-Object { Test-NetConnection ${address} -Port $_ }`,
  ];
}

function udpCommands({ address, udp }: PortsToTry): string[] {
  if (udp.length === 0) return [];
  return [
    `Linux, macOS:  for p in ${udp.join(' ')}; do echo sipdiag | nc -u -w 1 ${address} $p; done`,
    `PowerShell:    ${udp.join(',')} | ForEach-Object { [void][Net.Sockets.UdpClient]::new().Send([byte[]](1..8), 8, '${address}', $_) }`,
  ];
}

/** The shortest way to try the first port of each transport, for a sentence. */
export function shortCommands({ address, tcp, udp }: PortsToTry): string[] {
  const over = (ports: readonly number[], command: (port: number) => string): string[] =>
    ports.slice(0, 1).map(command);
  return [
    ...over(tcp, (port) => `nc -vz -w 3 ${address} ${port} (Windows: Test-NetConnection ${address} -Port ${port})`),
    ...over(udp, (port) => `echo sipdiag | nc -u -w 1 ${address} ${port}`),
  ];
}

/** What to type on the far side to try ports of this machine, TCP first. */
export const farSideCommands = (ports: PortsToTry): string[] => [...tcpCommands(ports), ...udpCommands(ports)];
