/** Desktop notifications: only when the agent wants them and looks elsewhere; never a customer's words. */

/** Whether the agent can still be asked. */
export function canAsk() {
  return "Notification" in window && Notification.permission === "default";
}

/** Asks for the permission; has to be called from a press of a button. */
export async function askPermission() {
  return (await Notification.requestPermission()) === "granted";
}

/** Tells, if wanted; a press brings the desk to the front and calls `opened`. One subject, one notification. */
export function notify(words, subject, opened) {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  const told = new Notification(words, { tag: subject, icon: "/static/img/icon.svg" });
  told.onclick = () => {
    window.focus();
    opened();
  };
}
