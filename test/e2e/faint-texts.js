/*
 * Evaluated in a page by html-report.test.ts, so it is no module: the texts whose contrast with what lies behind them is less than 4.5,
 * which WCAG 2.2 asks for (success criterion 1.4.3).
 */
(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) =>
    channels(color)
      .slice(0, 3)
      .map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const isOpaque = (color) => color.startsWith('rgb(');
  const behind = (element) => {
    if (element === null) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return isOpaque(backgroundColor) ? backgroundColor : behind(element.parentElement);
  };
  const speaks = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
  return [...document.querySelectorAll('body *')].filter(speaks).flatMap((element) => {
    const { color, fill } = getComputedStyle(element);
    const ink = luminance(element instanceof SVGElement ? fill : color);
    const page = luminance(behind(element));
    const ratio = (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05);
    return ratio < 4.5 ? [`${ratio.toFixed(2)}: ${element.textContent.slice(0, 60)}`] : [];
  });
})();
