/** Milliseconds of processor time that this process has used: they do not hang on what else the machine does. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
