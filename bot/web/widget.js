/**
 * Puts the support chat on any page: <script src="https://…/widget.js"></script>. See docs/widget.md.
 *
 * A classic script without dependencies. The launcher lives in a shadow root with a constructed style
 * sheet, the chat in an iframe of the support service, so that neither side's styles or storage touch
 * the other's, and the page's CSP needs no 'unsafe-inline'. The two talk over a MessageChannel: this
 * side hands one end to the service's own origin and nobody else; whom the service lets embed it is
 * its frame-ancestors.
 */
(() => {
  "use strict";
  if (window.IMWalletSupport) return;
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const PATIENCE_MS = 15_000; // for the chat to answer after its page has loaded
  const SHEET = "(max-width: 30rem), (max-height: 30rem)"; // there the chat takes the whole screen
  const WORDS = {
    "zh-CN": { chat: "IM钱包客服", open: "打开客服", close: "关闭客服", unread: "{n} 条未读消息" },
    "zh-TW": { chat: "IM錢包客服", open: "開啟客服", close: "關閉客服", unread: "{n} 則未讀訊息" },
    en: { chat: "IM Wallet Support", open: "Open support", close: "Close support", unread: "unread: {n}" },
  };
  const DEFAULTS = { color: "#1b56d1", position: "right", side: 20, bottom: 20, logo: "", scheme: "auto", language: "" };
  const STYLE = `
    :host { all: initial; }
    button { all: unset; box-sizing: border-box; position: fixed; z-index: 2147483000; width: 56px; height: 56px;
      bottom: calc(var(--bottom) + env(safe-area-inset-bottom)); border-radius: 50%; cursor: pointer;
      background: var(--color); color: var(--on-color); box-shadow: 0 4px 18px rgb(10 20 50 / 28%);
      display: grid; place-items: center; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
    .right { right: calc(var(--side) + env(safe-area-inset-right)); }
    .left { left: calc(var(--side) + env(safe-area-inset-left)); }
    button:focus-visible { outline: 3px solid var(--color); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg, img { grid-area: 1 / 1; width: 28px; height: 28px; }
    img { width: 100%; height: 100%; border-radius: 50%; object-fit: cover; }
    svg { fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    button[aria-expanded="true"] .face, button[aria-expanded="false"] .cross { visibility: hidden; }
    .badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px;
      box-sizing: border-box; border: 2px solid #fff; border-radius: 11px; background: #b3261e; color: #fff;
      font: 600 12px/18px system-ui, sans-serif; text-align: center; }
    .panel { position: fixed; z-index: 2147483000; overflow: hidden; border-radius: 18px;
      bottom: calc(var(--bottom) + 72px + env(safe-area-inset-bottom)); width: min(400px, calc(100vw - 2 * var(--side)));
      height: min(680px, calc(100vh - var(--bottom) - 96px)); background: Canvas;
      box-shadow: 0 8px 40px rgb(10 20 50 / 26%); outline: 1px solid rgb(128 140 160 / 30%); }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    [hidden] { display: none !important; }
    @media ${SHEET} {
      .panel { inset: var(--top, 0) 0 auto 0; width: auto; height: var(--height, 100%); border-radius: 0; outline: 0; }
      button[aria-expanded="true"] { display: none; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise 0.18s ease-out; }
      button { transition: transform 0.15s; }
      button:hover { transform: scale(1.05); }
    }
    @media (forced-colors: active) { button { border: 2px solid ButtonText; } }
    @keyframes rise { from { opacity: 0; transform: translateY(12px); } }`;

  let options = null; // null: there is no widget on the page
  let host, launcher, badge, picture, panel, frame, port, waiting;
  let opened = false;
  let unread = 0;
  let user = null; // the wallet's token, kept here only to hand it to the chat
  const listeners = new Map();

  function tell(event, detail) {
    for (const each of [...(listeners.get(event) ?? [])]) each(detail);
  }

  function words() {
    const wished = options.language || navigator.language;
    if (wished in WORDS) return WORDS[wished];
    if (!/^zh/i.test(wished)) return WORDS.en;
    return WORDS[/hant|tw|hk|mo/i.test(wished.slice(2)) ? "zh-TW" : "zh-CN"];
  }

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function drawing(name, path) {
    const [svg, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", name);
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  /** White or near-black, whichever reads better on this colour (WCAG relative luminance). */
  function readableOn(element) {
    const parts = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).slice(0, 3);
    const [r, g, b] = parts.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#101522" : "#ffffff";
  }

  function build() {
    host = make("im-wallet-support", {});
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    badge = make("span", { class: "badge", "aria-hidden": "true" });
    picture = make("img", { class: "face", alt: "" });
    const bubble = drawing("face", "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H12l-5 4v-4h-.5A2.5 2.5 0 0 1 4 13.5zM8.5 8.5h7M8.5 11.5h4");
    launcher = make("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel" },
      bubble, picture, drawing("cross", "M6 6l12 12M18 6 6 18"), badge);
    launcher.addEventListener("click", () => api.toggle());
    panel = make("div", { id: "panel", role: "dialog" });
    panel.hidden = true;
    const region = make("section", {}, panel, launcher);
    region.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !opened) return;
      event.stopPropagation();
      api.close();
    });
    root.append(region);
    // Beside <body>, not in it: an app that redraws its body leaves it alone, and a whole-screen chat can make the body inert.
    document.documentElement.append(host);
    visualViewport?.addEventListener("resize", fit);
    visualViewport?.addEventListener("scroll", fit);
    matchMedia(SHEET).addEventListener("change", fit);
  }

  function dress() {
    const { color, position, side, bottom, logo, scheme } = options;
    for (const [name, value] of Object.entries({ "--color": color, "--side": `${side}px`, "--bottom": `${bottom}px` }))
      host.style.setProperty(name, value);
    host.style.setProperty("--on-color", readableOn(launcher));
    panel.style.colorScheme = scheme === "auto" ? "light dark" : scheme;
    for (const element of [panel, launcher]) element.className = `${element === panel ? "panel " : ""}${position}`;
    launcher.querySelector("svg.face").toggleAttribute("hidden", Boolean(logo));
    picture.hidden = !logo;
    if (logo) picture.src = logo;
    label();
  }

  function label() {
    const { chat, open, close, unread: counted } = words();
    const more = unread ? `, ${counted.replace("{n}", unread)}` : "";
    launcher.setAttribute("aria-label", opened ? close : open + more);
    launcher.setAttribute("aria-expanded", String(opened));
    launcher.parentElement.setAttribute("aria-label", chat);
    panel.setAttribute("aria-label", chat);
    frame?.setAttribute("title", chat);
    badge.textContent = unread > 99 ? "99+" : unread;
    badge.hidden = !unread || opened;
  }

  /** Loads the chat, once: at the first opening, or when a signed-in customer may have unread answers. */
  function load() {
    if (frame) return;
    frame = make("iframe", { src: `${home}/widget`, title: words().chat, allow: "clipboard-write" });
    frame.addEventListener("load", greet);
    panel.append(frame);
    // An iframe that is not drawn may be put off by the browser; this one is drawn, out of sight.
    if (!opened) hideDrawn(true);
  }

  function hideDrawn(drawn) {
    panel.hidden = !drawn && !opened;
    panel.style.visibility = opened ? "" : "hidden";
  }

  /** Gives the chat its end of a fresh channel: after every load, for a web view may reload it. */
  function greet() {
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => hear(data);
    frame.contentWindow.postMessage({ imWalletSupport: 1, options: look() }, home, [channel.port2]);
    say({ type: "view", open: opened });
    if (user) say({ type: "user", user });
    clearTimeout(waiting);
    waiting = setTimeout(() => tell("error", { code: "unreachable" }), PATIENCE_MS);
  }

  function look() {
    const { color, scheme, language, logo } = options;
    return { color, scheme, language, logo: logo && new URL(logo, document.baseURI).href };
  }

  function say(message) {
    port?.postMessage(message);
  }

  function hear({ type, count, code, author }) {
    if (type === "ready") {
      clearTimeout(waiting);
      tell("ready");
    } else if (type === "close") {
      api.close();
    } else if (type === "unread") {
      if (count === unread) return;
      unread = count;
      label();
      tell("unread", { count });
    } else if (type === "message") {
      tell("message", { author });
    } else if (type === "error") {
      if (code !== "unreachable") user = null;
      tell("error", { code });
    }
  }

  /** The whole screen above an on-screen keyboard; the page behind can't be reached meanwhile. */
  function fit() {
    const sheet = opened && matchMedia(SHEET).matches;
    const { height, offsetTop } = visualViewport ?? {};
    panel.style.setProperty("--height", sheet && height ? `${height}px` : "100%");
    panel.style.setProperty("--top", sheet && offsetTop ? `${offsetTop}px` : "0px");
    panel.setAttribute("aria-modal", String(sheet));
    document.body.inert = sheet;
    document.documentElement.style.overflow = sheet ? "hidden" : "";
  }

  function show(wanted) {
    if (!options || opened === wanted) return;
    opened = wanted;
    if (opened) load();
    panel.style.visibility = "";
    panel.hidden = !opened;
    label();
    fit();
    say({ type: "view", open: opened });
    if (opened) frame.focus();
    else launcher.focus();
    tell(opened ? "open" : "close");
  }

  const api = {
    /** Puts the launcher on the page, or changes the options of the one that is there. */
    init(changes = {}) {
      if (!document.body) {
        document.addEventListener("DOMContentLoaded", () => api.init(changes), { once: true });
        return api;
      }
      const fresh = !options;
      options = { ...(options ?? DEFAULTS), ...changes };
      if (!CSS.supports("color", options.color)) options.color = DEFAULTS.color;
      if (fresh) build();
      dress();
      say({ type: "options", options: look() });
      if (user) load();
      return api;
    },
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!opened),
    /** Who the customer is: a token that the wallet's back end signed. It never enters an address. */
    setUser(token) {
      user = token;
      if (!options) return;
      if (frame) say({ type: "user", user });
      else load();
    },
    /** Forgets the customer here and ends the session on the server. */
    signOut() {
      user = null;
      if (frame) say({ type: "signOut" });
      else if (options) load();
      if (frame && !port) frame.addEventListener("load", () => say({ type: "signOut" }), { once: true });
    },
    /** `ready`, `open`, `close`, `unread` ({count}), `message` ({author}), `error` ({code}). Returns a function that ends it. */
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listener);
      return () => api.off(event, listener);
    },
    off(event, listener) {
      listeners.get(event)?.delete(listener);
    },
    get unread() {
      return unread;
    },
    get isOpen() {
      return opened;
    },
    /** Takes everything off the page again; `init` may follow. */
    destroy() {
      if (!options) return;
      opened = false;
      fit();
      clearTimeout(waiting);
      port?.close();
      visualViewport?.removeEventListener("resize", fit);
      visualViewport?.removeEventListener("scroll", fit);
      host.remove();
      options = user = host = frame = port = null;
      unread = 0;
      listeners.clear();
    },
  };
  window.IMWalletSupport = api;

  // What the script tag says: data-color="#0a7d55" data-position="left" …; data-manual leaves `init` to the page.
  const { manual, ...told } = script.dataset;
  for (const name of ["side", "bottom"]) if (told[name]) told[name] = Number(told[name]) || DEFAULTS[name];
  if (manual === undefined) api.init(told);
})();
