/**
 * The first thing in the widget's iframe: waits for the page around it to hand over its end of a
 * channel, then starts the chat in the language that this page wants. Without a page around it, as in
 * an app's web view, the chat starts at once.
 */

function start(options, port) {
  if (options.language) document.documentElement.dataset.language = options.language;
  import("./support-widget.js").then(({ begin }) => begin(options, port));
}

if (window.parent === window) {
  start({}, null);
} else {
  // Only a site that frame-ancestors allows can be the parent; what it sends next comes over the channel alone.
  window.addEventListener("message", function greeted(event) {
    if (event.source !== window.parent || event.data?.imWalletSupport !== 1 || event.ports.length !== 1) return;
    window.removeEventListener("message", greeted);
    start(event.data.options ?? {}, event.ports[0]);
  });
}
