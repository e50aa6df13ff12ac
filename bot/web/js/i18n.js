/**
 * Every sentence of the interface, in Chinese and English, and the language in use.
 * What the bot says is not here: that comes from the server.
 */

const ZH = {
  brand: "IM钱包客服",
  tagline: "智能助手 · 可随时转人工",
  skip: "跳到输入框",
  switchLanguage: "English",
  switchLanguageLabel: "Switch the page to English",
  signIn: "登录",
  signOut: "退出登录",
  switchCustomer: "切换客户",
  signedInAs: "已登录：{name}",
  anonymous: "未登录 · 提供一般帮助",
  "signInHelp.title": "登录后可以查询您的付款",
  "signInHelp.text": "请从 IM钱包 应用里打开客服，系统会自动为您登录。这里不需要、也请不要输入密码或验证码。",
  "signInHelp.close": "知道了",
  "demo.badge": "演示",
  "demo.title": "选择一位客户",
  "demo.hint": "以下都是虚构的客户和记录。选一位登录，看看客服怎样查明这笔付款。",
  "demo.search": "搜索姓名或情况",
  "demo.none": "没有符合的客户",
  "demo.count": "{count} 位客户",
  "demo.guest": "不登录",
  "demo.guestStory": "直接咨询一般问题，不查询任何记录",
  "demo.close": "返回对话",
  "chat.label": "客服对话",
  "chat.log": "对话记录",
  "chat.typing": "客服正在输入",
  "chat.jump": "查看新消息",
  "chat.reconnecting": "连接中断，正在重新连接…",
  "welcome.hello": "您好，有什么可以帮您？",
  "welcome.helloName": "{name}，您好！有什么可以帮您？",
  "welcome.text": "说说遇到了什么问题：哪家商户、多少钱、什么时候。我会查看记录，告诉您钱在哪里、接下来怎么办。",
  "welcome.textAnonymous": "我可以解答付款、退款、密码和国际付款等问题。登录后还可以查询您的具体付款。",
  "composer.label": "输入您的问题",
  "composer.placeholder": "请描述您遇到的问题",
  "composer.send": "发送",
  "composer.safety": "密码和验证码请勿发送",
  "composer.left": "还可输入 {count} 字",
  "composer.over": "超出 {count} 字，请缩短一些",
  "author.customer": "您",
  "author.bot": "智能助手",
  "author.agent": "人工客服",
  "author.system": "系统提示",
  "state.sending": "发送中…",
  "state.sent": "已发送",
  "state.failed": "发送失败",
  "state.retry": "重试",
  today: "今天",
  yesterday: "昨天",
  "steps.label": "您可以这样做",
  "replies.label": "可选的回复",
  "card.title": "付款查询结果",
  "card.merchant": "商户",
  "card.amount": "金额",
  "card.time": "时间",
  "card.method": "付款方式",
  "card.status": "状态",
  "card.resolves": "预计最晚",
  "card.resolved": "原预计时间",
  "card.next": "接下来",
  "timeline.label": "钱走到了哪里",
  "timeline.by": "通常 {time} 之前",
  "timeline.wasBy": "本应在 {time} 之前",
  "timeline.late": "（已超时）",
  "timeline.done": "（已完成）",
  "timeline.current": "（进行中）",
  "timeline.failed": "（没有成功）",
  "stage.initiated": "发起付款",
  "stage.not_sent": "请求没有发出",
  "stage.held": "预授权冻结",
  "stage.debited": "从账户扣出",
  "stage.captured": "付给商户",
  "stage.merchant_confirmed": "商户已收到通知",
  "stage.merchant_confirmed.current": "等商户更新订单",
  "stage.outcome": "等待结果",
  "stage.declined": "付款没有成功",
  "stage.released": "冻结已解除",
  "stage.released.current": "等待解冻",
  "stage.reversed": "钱已退回",
  "stage.reversed.current": "正在退回",
  "stage.refund_accepted": "退款已受理",
  "stage.refunded": "退款已到账",
  "stage.refunded.current": "退款到账中",
  "stage.refunded.failed": "退款没有退成",
  "actor.customer": "需要您操作",
  "actor.wallet": "系统自动处理，请稍候",
  "actor.merchant": "等待商户处理",
  "actor.bank": "等待银行处理",
  "actor.agent": "需要人工客服处理",
  "actor.nobody": "无需任何操作",
  "confidence.proven": "记录已证实",
  "confidence.likely": "根据记录推断",
  "confidence.possible": "可能的原因",
  "urgency.critical": "紧急",
  "money.not_charged": "没有扣款",
  "money.held": "已冻结，未扣款",
  "money.hold_released": "冻结已解除",
  "money.debited_pending": "已扣款，处理中",
  "money.paid": "已付给商户",
  "money.paid_twice": "扣了两次款",
  "money.reversing": "正在退回",
  "money.reversed": "已退回",
  "money.refunding": "退款中",
  "money.partly_refunded": "已部分退款",
  "money.refunded": "已退款",
  "money.refund_failed": "退款未成功",
  "money.unclear": "需要人工核对",
  "status.created": "待付款",
  "status.authenticating": "等待验证",
  "status.processing": "处理中",
  "status.unknown": "结果待确认",
  "status.authorized": "已冻结（预授权）",
  "status.captured": "付款成功",
  "status.partially_refunded": "部分退款",
  "status.refunded": "已退款",
  "status.disputed": "争议处理中",
  "status.failed": "付款失败",
  "status.reversing": "退回中",
  "status.reversed": "已退回",
  "status.voided": "已撤销",
  "status.auth_expired": "预授权已过期",
  "status.expired": "已过期",
  "status.closed": "已关闭",
  "status.canceled": "已取消",
  "handoff.queued": "已为您转接人工客服",
  "handoff.assigned": "人工客服已接入",
  "handoff.closed": "人工服务已结束",
  "handoff.reference": "服务编号",
  "case.open": "已立案追踪",
  "case.closed": "工单已结束",
  "case.reference": "工单编号",
  "case.none": "您目前没有工单。",
  "error.network": "网络不通，请检查网络后重试。",
  "error.server": "服务暂时不可用，请稍后重试。",
  "error.expired": "登录已过期，请重新登录后再试。",
  starters: [
    ["付款失败", "我的付款失败了"],
    ["重复扣款", "同一笔付款扣了我两次钱"],
    ["扣款未完成", "钱扣了，但是订单没有完成"],
    ["退款没到", "我的退款还没到账"],
    ["修改支付密码", "怎么修改支付密码？"],
    ["国际付款", "我可以用IM钱包国际付款吗？"],
    ["转人工", "转人工"],
  ],
};

const EN = {
  brand: "IM Wallet Support",
  tagline: "Assistant · people on hand",
  skip: "Skip to the message box",
  switchLanguage: "中文",
  switchLanguageLabel: "切换到中文",
  signIn: "Sign in",
  signOut: "Sign out",
  switchCustomer: "Switch",
  signedInAs: "Signed in as {name}",
  anonymous: "Not signed in · general help",
  "signInHelp.title": "Sign in to ask about your payments",
  "signInHelp.text":
    "Open support from inside the IM Wallet app and you are signed in automatically. You never need to type a password or code here, and please don't.",
  "signInHelp.close": "Got it",
  "demo.badge": "Demo",
  "demo.title": "Choose a customer",
  "demo.hint": "These customers and their records are made up. Sign in as one and see how support finds out what happened.",
  "demo.search": "Search name or story",
  "demo.none": "No customer matches",
  "demo.count": "{count} customers",
  "demo.guest": "Not signed in",
  "demo.guestStory": "Ask general questions; no records are looked up",
  "demo.close": "Back to chat",
  "chat.label": "Support chat",
  "chat.log": "Conversation",
  "chat.typing": "Support is typing",
  "chat.jump": "See new message",
  "chat.reconnecting": "Connection lost. Reconnecting…",
  "welcome.hello": "Hello, how can we help?",
  "welcome.helloName": "Hello {name}, how can we help?",
  "welcome.text":
    "Tell us what went wrong: which merchant, how much, when. I'll check the records and tell you where your money is and what to do next.",
  "welcome.textAnonymous":
    "I can help with payments, refunds, passwords and paying abroad. Sign in and I can look into a payment of yours.",
  "composer.label": "Your message",
  "composer.placeholder": "What went wrong?",
  "composer.send": "Send",
  "composer.safety": "Never share passwords or codes",
  "composer.left": "{count} characters left",
  "composer.over": "{count} characters too long",
  "author.customer": "You",
  "author.bot": "Virtual assistant",
  "author.agent": "Support agent",
  "author.system": "Notice",
  "state.sending": "Sending…",
  "state.sent": "Sent",
  "state.failed": "Not sent",
  "state.retry": "Try again",
  today: "Today",
  yesterday: "Yesterday",
  "steps.label": "What you can do",
  "replies.label": "Suggested replies",
  "card.title": "What the records say",
  "card.merchant": "Merchant",
  "card.amount": "Amount",
  "card.time": "Time",
  "card.method": "Paid with",
  "card.status": "Status",
  "card.resolves": "Expected by",
  "card.resolved": "Was expected by",
  "card.next": "Next",
  "timeline.label": "Where the money went",
  "timeline.by": "usually by {time}",
  "timeline.wasBy": "was due by {time}",
  "timeline.late": "(late)",
  "timeline.done": "(done)",
  "timeline.current": "(under way)",
  "timeline.failed": "(did not succeed)",
  "stage.initiated": "Payment started",
  "stage.not_sent": "Request never sent",
  "stage.held": "Held (authorised)",
  "stage.debited": "Left your account",
  "stage.captured": "Paid to the merchant",
  "stage.merchant_confirmed": "Merchant was told",
  "stage.merchant_confirmed.current": "Merchant to update the order",
  "stage.outcome": "Waiting for the result",
  "stage.declined": "Did not go through",
  "stage.released": "Hold released",
  "stage.released.current": "Hold being released",
  "stage.reversed": "Money returned",
  "stage.reversed.current": "Money on its way back",
  "stage.refund_accepted": "Refund accepted",
  "stage.refunded": "Refund arrived",
  "stage.refunded.current": "Refund on its way",
  "stage.refunded.failed": "Refund did not go through",
  "actor.customer": "Your turn",
  "actor.wallet": "Automatic, nothing to do but wait",
  "actor.merchant": "Waiting for the merchant",
  "actor.bank": "Waiting for the bank",
  "actor.agent": "A support agent needs to look",
  "actor.nobody": "Nothing to do",
  "confidence.proven": "Confirmed by records",
  "confidence.likely": "Likely, from the records",
  "confidence.possible": "A possible cause",
  "urgency.critical": "Urgent",
  "money.not_charged": "Not charged",
  "money.held": "Held, not charged",
  "money.hold_released": "Hold released",
  "money.debited_pending": "Charged, still processing",
  "money.paid": "Paid to the merchant",
  "money.paid_twice": "Charged twice",
  "money.reversing": "On its way back",
  "money.reversed": "Returned",
  "money.refunding": "Refund in progress",
  "money.partly_refunded": "Partly refunded",
  "money.refunded": "Refunded",
  "money.refund_failed": "Refund failed",
  "money.unclear": "Needs a person to check",
  "status.created": "Not paid yet",
  "status.authenticating": "Waiting for verification",
  "status.processing": "Processing",
  "status.unknown": "Outcome not known yet",
  "status.authorized": "Held (authorised)",
  "status.captured": "Paid",
  "status.partially_refunded": "Partly refunded",
  "status.refunded": "Refunded",
  "status.disputed": "In dispute",
  "status.failed": "Failed",
  "status.reversing": "Being returned",
  "status.reversed": "Returned",
  "status.voided": "Voided",
  "status.auth_expired": "Hold expired",
  "status.expired": "Expired",
  "status.closed": "Closed",
  "status.canceled": "Cancelled",
  "handoff.queued": "You are being passed to a support agent",
  "handoff.assigned": "A support agent has joined",
  "handoff.closed": "The agent has closed this request",
  "handoff.reference": "Reference",
  "case.open": "Case being traced",
  "case.closed": "Case closed",
  "case.reference": "Case number",
  "case.none": "You have no cases at the moment.",
  "error.network": "No connection. Check your network and try again.",
  "error.server": "The service is not available right now. Please try again shortly.",
  "error.expired": "Your session has expired. Please sign in again.",
  starters: [
    ["Payment failed", "My payment failed"],
    ["Charged twice", "I was charged twice for the same payment"],
    ["Charged, not completed", "I was charged but the order was not completed"],
    ["Refund missing", "My refund has not arrived"],
    ["Change payment password", "How do I change my payment password?"],
    ["Paying abroad", "Can I make international payments?"],
    ["Talk to a person", "I want to talk to a human"],
  ],
};

const STRINGS = { zh: ZH, en: EN };
const STORED = "imwallet.language"; // a preference, not personal data: localStorage is fine

let current = stored() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

/** Tells listeners with a `change` event that the language is another one now. */
export const languageChanges = new EventTarget();

/** The interface language: "zh" or "en". */
export function language() {
  return current;
}

/** The BCP 47 tag for `lang` attributes and `Intl` formats. */
export function locale() {
  return current === "zh" ? "zh-CN" : "en";
}

/** The customer's own choice: used from now on, and on later visits. */
export function chooseLanguage(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
  use(value);
}

/** The language that the server knows of; gives way to the customer's own choice on this page. */
export function suggestLanguage(value) {
  if (value in STRINGS && !stored()) use(value);
}

/** The sentence for `key`, with `{name}` replaced from `values`; undefined when there is none. */
export function t(key, values = {}) {
  const text = STRINGS[current][key];
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** Fills every `data-i18n`, `data-i18n-label` and `data-i18n-placeholder` under `root`. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of root.querySelectorAll("[data-i18n-label]"))
    element.setAttribute("aria-label", t(element.dataset.i18nLabel));
  for (const element of root.querySelectorAll("[data-i18n-placeholder]"))
    element.setAttribute("placeholder", t(element.dataset.i18nPlaceholder));
}

function use(value) {
  if (value === current) return;
  current = value;
  languageChanges.dispatchEvent(new Event("change"));
}

function stored() {
  try {
    const value = localStorage.getItem(STORED);
    return value in STRINGS ? value : null;
  } catch {
    return null;
  }
}
