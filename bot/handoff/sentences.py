"""What a customer reads around a hand-off, in Chinese and English."""

from __future__ import annotations

ZH, EN = "zh", "en"

SENTENCES: dict[str, dict[str, str]] = {
    "acknowledged": {
        ZH: "收到，人工客服接手时会看到这条消息。您也可以先让我继续为您处理。",
        EN: "Got it: the person who takes over will see this. Or I can go on helping you meanwhile.",
    },
    "back_button": {ZH: "先让智能助手继续", EN: "Go on with the assistant"},
    "cancelled": {
        ZH: "好的，已取消转人工，我继续为您服务。请问您需要什么帮助？",
        EN: "All right, you are back with me, the assistant. What can I do for you?",
    },
    "promise": {
        ZH: "人工客服现在不在线，将从 {opens}（{zone}）起在这里回复您。这期间您可以继续问我。",
        EN: "Nobody is there right now. A person will answer you here from {opens} ({zone}). "
        "Until then you can go on asking me.",
    },
    "promise_without_time": {
        ZH: "人工客服现在不在线，上线后会在这里回复您。这期间您可以继续问我。",
        EN: "Nobody is there right now. A person will answer you here as soon as they are. "
        "Until then you can go on asking me.",
    },
    "case_title": {ZH: "人工客服回复", EN: "A person's answer"},
    "joined": {
        ZH: "{name} 已接入，之前的对话都能看到，您不用再说一遍。",
        EN: "{name} has joined and sees our conversation, so you need not repeat anything.",
    },
    "requeued": {
        ZH: "正在为您转给另一位客服，之前的对话会一并转交。",
        EN: "I am passing you to another person, who will see our conversation.",
    },
    "agent_gone": {
        ZH: "抱歉，{name} 暂时离开了。您排在最前面，下一位客服会尽快接手。",
        EN: "Sorry, {name} had to leave. You are first in line, and the next person takes over soon.",
    },
    "resolved": {
        ZH: "{name} 已结束本次人工服务，我（智能助手）又在这里了。这次服务怎么样？",
        EN: "{name} has finished, and I, the assistant, am here again. How was it?",
    },
    "handed_back": {
        ZH: "{name} 已请我（智能助手）继续为您服务，有问题请直接说。",
        EN: "{name} has asked me, the assistant, to go on helping you. Just write here.",
    },
    "mail_subject": {ZH: "客服已回复您", EN: "We have answered you"},
    "mail_body": {
        ZH: "您好，\n\n客服已在对话中回复了您。请登录后在这里查看和继续：\n{link}\n\n"
        "为了您的安全，邮件里不写具体内容；我们也不会通过邮件索要密码、验证码或卡号。\n\nIM钱包客服",
        EN: "Hello,\n\nA person has answered you in your conversation. Sign in to read it and go on:\n"
        "{link}\n\n"
        "To keep you safe this e-mail holds no details, and we never ask by e-mail for passwords, codes or "
        "card numbers.\n\nIM Wallet Support",
    },
}


def say(key: str, language: str, **values: str) -> str:
    """The sentence in the language (`zh` for any that is not known)."""
    by_language = SENTENCES[key]
    return by_language.get(language, by_language[ZH]).format(**values)
