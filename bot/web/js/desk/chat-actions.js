/** What can be done with a chat: the call, and the question before it where there is one. */

import { chatPath } from "./api.js";
import { named, w } from "./words.js";

const note = (label) => ({ name: "note", label, kind: "textarea" });
const asOptions = (group, keys) => [["", w("choose.unknown")], ...keys.map((key) => [key, named(group, key)])];
const post = (part) => (api, id, values) => api.post(chatPath(id, part), values);

/** In the order of their buttons: `{name (as in the chat's may), main?, dialog?(desk, chat), send(api, id, values?)}`. */
export const actions = [
  { name: "take", main: true, send: (api, id) => api.post(chatPath(id, "take")) },
  { name: "resolve", main: true, dialog: resolveDialog, send: resolve },
  { name: "transfer", dialog: transferDialog, send: post("transfer") },
  { name: "queue", dialog: () => simple("queue"), send: post("queue") },
  { name: "return", dialog: () => simple("return"), send: post("return") },
  { name: "label", dialog: labelDialog, send: label },
];

function simple(name) {
  return { title: w(`${name}.action`), text: w(`${name}.text`), fields: [note(w("note.optional"))], action: w(`${name}.action`) };
}

async function transferDialog({ api, agent }) {
  const { agents } = await api.get("/agents");
  const others = agents.filter(({ id, available }) => id !== agent.id && available);
  const text = others.length ? w("transfer.text") : w("transfer.nobody");
  const options = others.map(({ id, name, chats }) => [id, w("transfer.option", { name, count: chats })]);
  const to = { name: "agent", label: w("transfer.to"), kind: "select", options, required: true };
  return { title: w("transfer.title"), text, fields: [to, note(w("note.optional"))], action: w("transfer.action") };
}

async function resolveDialog({ api }, chat) {
  const { outcomes, causes, intents } = await api.get("/choices");
  const outcome = { name: "outcome", label: w("resolve.outcome"), kind: "select", options: outcomes.map((key) => [key, named("outcome", key)]) };
  const right = [["", w("choose.unknown")], ["yes", w("resolve.right.yes")], ["no", w("resolve.right.no")]];
  return {
    title: w("resolve.title"),
    text: chat.cause ? w("resolve.text", { cause: named("cause", chat.cause) }) : null,
    fields: [
      outcome,
      { name: "diagnosis_right", label: w("resolve.right"), kind: "select", options: right },
      { name: "true_cause", label: w("resolve.cause"), kind: "select", options: asOptions("cause", causes) },
      { name: "meant_intent", label: w("resolve.intent"), kind: "select", options: asOptions("intent", intents) },
      note(w("note.optional")),
    ],
    action: w("resolve.action"),
  };
}

function resolve(api, id, values) {
  const known = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const right = { yes: true, no: false }[values.diagnosis_right] ?? null;
  return api.post(chatPath(id, "resolve"), { ...known, diagnosis_right: right });
}

async function labelDialog({ api }, chat) {
  const { labels } = await api.get("/labels");
  const value = chat.labels.join(", ");
  const text = labels.length ? w("label.used", { labels: labels.slice(0, 12).map(({ name }) => name).join(w("list.comma")) }) : null;
  return { title: w("label.title"), text, fields: [{ name: "labels", label: w("label.field"), value, maxlength: 330 }], action: w("save") };
}

/** Labels separated by commas; the chat anew. */
async function label(api, id, values) {
  const labels = [...new Set(values.labels.split(/[,，、]/).map((each) => each.trim()).filter(Boolean))];
  await api.put(chatPath(id, "labels"), { labels });
  return api.get(chatPath(id));
}
