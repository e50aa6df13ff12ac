"""The few sentences that the gateway itself says, in Chinese and English.

Only what must be said without Rasa: refusals, and the answer when Rasa cannot give one.
Everything else the bot says stands in `domain.yml`.
"""

from __future__ import annotations

import re

ZH, EN = "zh", "en"
LANGUAGES = (ZH, EN)

SENTENCES: dict[str, dict[str, str]] = {
    # answers
    "trouble": {
        ZH: "抱歉，我这边暂时没能查到结果。您的消息已经收到，请稍后再发一次，或者让人工客服为您处理。",
        EN: "Sorry, I could not look this up just now. Your message has been received. "
        "Please try again in a moment, or let a person help you.",
    },
    "human_button": {ZH: "转人工客服", EN: "Talk to a person"},
    "human_queued": {
        ZH: "好的，已为您转接人工客服，请稍候。我们的对话会一并转交，您不用再说一遍。",
        EN: "All right, I have asked for a person to help you. They will see our conversation, "
        "so you need not repeat anything.",
    },
    "reference": {ZH: "您的服务编号：{reference}", EN: "Your reference: {reference}"},
    "case_opened": {
        ZH: "工单已经开好，编号是 {reference}。",
        EN: "The case is open; its number is {reference}.",
    },
    "case_known": {
        ZH: "这件事已经有工单 {reference} 在追踪，不用再开一个，新的情况已经补充进去。",
        EN: "There is already case {reference} for this, so there is no need for another; "
        "I have added what is new.",
    },
    "no_cases": {ZH: "您目前没有工单。", EN: "You have no cases at the moment."},
    "case_open": {
        ZH: "工单 {reference}（{title}）：正在处理。",
        EN: "Case {reference} ({title}): being worked on.",
    },
    "case_closed": {ZH: "工单 {reference}（{title}）：已结束。", EN: "Case {reference} ({title}): closed."},
    "steps_done": {ZH: "我已经做了：{steps}", EN: "I have done: {steps}"},
    "picture_received": {ZH: "图片收到了。", EN: "I have received your picture."},
    "picture_in_case": {
        ZH: "图片收到了，已加入工单 {reference}。",
        EN: "I have received your picture and added it to case {reference}.",
    },
    "ended": {
        ZH: "感谢您的咨询，本次对话先到这里。还有问题随时在这里说。这次服务怎么样？",
        EN: "Thank you, that is all for now. If anything else comes up, just write here. How was it?",
    },
    "transcript_title": {
        ZH: "IM钱包客服 对话记录（时间均为 {zone}）",
        EN: "IM Wallet Support: our conversation (times are {zone})",
    },
    "author_customer": {ZH: "您", EN: "You"},
    "author_bot": {ZH: "智能助手", EN: "Assistant"},
    "author_agent": {ZH: "人工客服", EN: "Agent"},
    "author_system": {ZH: "系统提示", EN: "Notice"},
    "picture": {ZH: "[图片]", EN: "[picture]"},
    "human_summary": {
        ZH: "机器人未能回答（系统故障），客户要求人工客服。",
        EN: "The bot could not answer (technical trouble); the customer asked for a person.",
    },
    # problems
    # of the agents' desk
    "desk_signed_out": {ZH: "请先登录。", EN: "Please sign in."},
    "bad_login": {ZH: "登录名或密码不对。", EN: "That login or password is not right."},
    "locked": {
        ZH: "登录失败次数较多，请稍后再试。",
        EN: "That went wrong a few times. Please wait a little before you try again.",
    },
    "csrf": {ZH: "请求来源无法确认，请刷新页面后再试。", EN: "Please reload the page and try again."},
    "forbidden": {ZH: "您的角色没有这项权限。", EN: "Your role does not allow this."},
    "weak_password": {
        ZH: "这个密码不够安全：至少 12 个字符，不要用常见的词、连续的数字或自己的名字。",
        EN: "This password is too easy to guess: at least 12 characters, no common words, runs of digits or "
        "your own name.",
    },
    "login_taken": {ZH: "这个登录名已被使用。", EN: "This login is taken."},
    "last_admin": {ZH: "至少要保留一位管理员。", EN: "There has to be at least one admin."},
    "taken": {ZH: "这位客户已由其他同事接入。", EN: "A colleague was quicker with this one."},
    "wrong_state": {
        ZH: "现在不能这样做，请刷新看看最新情况。",
        EN: "This cannot be done now; things have changed.",
    },
    "not_available": {ZH: "这位同事现在不在线。", EN: "This colleague is not at the desk now."},
    "unfilled": {ZH: "还有没填的变量。", EN: "There is still a blank to fill in."},
    "unknown_variable": {ZH: "有不认识的变量。", EN: "There is a variable in it that nothing can fill."},
    "report_too_large": {
        ZH: "这段时间的对话太多，请选短一点的时间。",
        EN: "There are too many conversations in this period. Please choose a shorter one.",
    },
    # of everyone
    "unauthorized": {ZH: "登录已失效，请重新登录。", EN: "Your session has ended. Please sign in again."},
    "bad_wallet_token": {ZH: "登录信息无效或已过期，请重新登录。", EN: "This sign-in is not valid any more."},
    "not_found": {ZH: "没有找到您要的内容。", EN: "There is nothing here by that name."},
    "invalid": {ZH: "请求的内容有误，请检查后再试。", EN: "Something in this request is not right."},
    "too_long": {
        ZH: "消息太长了，请控制在 2000 字以内。",
        EN: "This message is longer than 2000 characters.",
    },
    "empty": {ZH: "消息不能为空。", EN: "A message cannot be empty."},
    "too_large": {ZH: "内容太大了，请减少后再试。", EN: "This request is too large."},
    "not_a_picture": {
        ZH: "这个文件不是可以打开的图片，请发送 PNG、JPEG、WebP 或 HEIC 格式的截图。",
        EN: "This file is no picture that I can open. Please send a PNG, JPEG, WebP or HEIC picture.",
    },
    "picture_too_large": {
        ZH: "这张图片太大了，请发送 10 MB 以内的图片，或者截取需要的部分再发。",
        EN: "This picture is too large. Please send one of at most 10 MB, or only the part that matters.",
    },
    "too_many_pictures": {
        ZH: "这次对话里的图片已经很多了。请先用文字说明，或者转人工客服。",
        EN: "There are many pictures in this conversation already. Please tell me in words, "
        "or ask for a person.",
    },
    "too_many": {ZH: "您发得太快了，请稍等一会儿再发。", EN: "That was a little fast. Please wait a moment."},
    "key_reused": {
        ZH: "这条消息的编号已经用过，请重新发送。",
        EN: "This key was already used for a different message.",
    },
    "method": {ZH: "不支持这种操作。", EN: "This cannot be done here."},
    "not_ready": {ZH: "服务正在启动，请稍后再试。", EN: "The service is not ready yet."},
    "internal": {
        ZH: "我们这边出了点问题，请稍后再试。",
        EN: "Something went wrong on our side. Please try again.",
    },
}


def say(key: str, language: str, **values: str) -> str:
    """The sentence in the language (`zh` for any that is not known)."""
    by_language = SENTENCES[key]
    return by_language.get(language, by_language[ZH]).format(**values)


def preferred(accept_language: str | None) -> str:
    """zh or en, by an Accept-Language header (RFC 9110, 12.5.4); zh when it names neither."""
    best, best_weight = ZH, 0.0
    for item in (accept_language or "")[:500].split(","):
        tag, _, parameter = item.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameter) if parameter else None
        weight = float(match.group(1)) if match else 1.0
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def written_in(text: str, otherwise: str) -> str:
    """The language that a text is written in, as far as its script tells."""
    if re.search(r"[\u3400-\u9fff]", text):
        return ZH
    return EN if re.search(r"[A-Za-z]{2}", text) else otherwise
