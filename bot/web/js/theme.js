/** The embedding page's colour and scheme, made readable: text keeps the contrast of WCAG AA (4.5:1). */

const READABLE = 4.5;
const DARK = matchMedia("(prefers-color-scheme: dark)");

let wanted = {};
DARK.addEventListener("change", () => paint());

/** `color`: any CSS colour, or none; `scheme`: "light", "dark" or "auto". */
export function applyTheme({ color, scheme = "auto" }) {
  wanted = { color, scheme };
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules) if (rule instanceof CSSMediaRule) choose(rule, scheme);
  document.documentElement.style.colorScheme = scheme === "auto" ? "" : scheme;
  paint();
}

const ruled = new Set(); // the rules for dark schemes, recognised before their condition is changed

function choose(rule, scheme) {
  if (rule.media.mediaText.includes("prefers-color-scheme: dark")) ruled.add(rule);
  if (ruled.has(rule))
    rule.media.mediaText = { dark: "all", light: "not all" }[scheme] ?? "(prefers-color-scheme: dark)";
}

function paint() {
  const style = document.documentElement.style;
  for (const name of ["--brand", "--on-brand", "--brand-soft", "--brand-strong"]) style.removeProperty(name);
  if (!wanted.color || !CSS.supports("color", wanted.color)) return;
  const brand = rgb(wanted.color);
  const surface = rgb(getComputedStyle(document.documentElement).getPropertyValue("--surface"));
  const [black, white] = [[16, 21, 34], [255, 255, 255]];
  const soft = mix(surface, brand, 0.12);
  const away = luminance(surface) > 0.4 ? black : white;
  let strong = brand;
  for (let share = 0; contrast(strong, soft) < READABLE && share <= 1; share += 0.1) strong = mix(brand, away, share);
  style.setProperty("--brand", css(brand));
  style.setProperty("--on-brand", css(contrast(white, brand) >= READABLE ? white : black));
  style.setProperty("--brand-soft", css(soft));
  style.setProperty("--brand-strong", css(strong));
}

/** Red, green and blue, 0 to 255, of any CSS colour. */
function rgb(colour) {
  const probe = document.createElement("i");
  probe.style.color = colour;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return parts;
}

function css(parts) {
  return `rgb(${parts.map(Math.round).join(" ")})`;
}

function mix(one, other, share) {
  return one.map((part, index) => part * (1 - share) + other[index] * share);
}

function luminance(parts) {
  const [r, g, b] = parts.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
