// The texts whose contrast to what is behind them is below that of WCAG 2.1 for large text, 3:1.
() => {
  const LOWEST = 3;
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, alpha = 1], below) => [r, g, b].map((part, i) => part * alpha + below[i] * (1 - alpha));
  const behind = (element) =>
    element ? over(parts(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : [255, 255, 255];
  const linear = (part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const brightness = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const contrast = (element) => {
    const ground = behind(element);
    const text = brightness(over(parts(getComputedStyle(element).color), ground));
    const both = [text, brightness(ground)];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const ownText = (element) =>
    [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join("");
  const found = [...document.querySelectorAll("main *")]
    .filter((element) => ownText(element) && element.checkVisibility() && !element.closest("option, optgroup"))
    .filter((element) => contrast(element) < LOWEST)
    .map((element) => `${element.tagName} ${ownText(element).slice(0, 40)}: ${contrast(element).toFixed(1)}`);
  return [...new Set(found)];
}
