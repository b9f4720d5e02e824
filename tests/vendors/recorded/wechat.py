"""WeChat, a service account in safe mode (https://developers.weixin.qq.com/doc/service/guide/product/message)."""

import base64
import hashlib
from urllib.parse import urlencode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from bot.channels.wechat.vendor import WeChat, WeChatAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

APP_ID, APP_SECRET, TOKEN = "wxba5fad812f8e6fb9", "app-secret-of-nobody", "typed-into-the-console"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = WeChatAccount(
    app_id=APP_ID,
    app_secret=SecretStr(APP_SECRET),
    token=SecretStr(TOKEN),
    encoding_aes_key=SecretStr(AES_KEY),
)
URL = "https://line.example/wechat/webhook"
VENDOR = WeChat(ACCOUNT, URL)

PROFILE = (
    "gh_e136c6e50636",
    "mmbiz.qpic.cn",
    "腾讯微信团队",
    "gQH47joAAAAAAAAAASxodHRw",
    "qrscene",
    "thumb_of_nobody",
    "oUnionOfNobody",
)
USER = "oMgHVjngRipVsoxg6TuX3vz6glDg"


def envelope(xml: bytes, key: str = AES_KEY, app_id: str = APP_ID) -> str:
    """Seal as WeChat does (https://developers.weixin.qq.com/doc/service/guide/dev/push/encryption)."""
    secret = base64.b64decode(key + "=")
    pad = padding.PKCS7(256).padder()
    whole = b"0123456789abcdef" + len(xml).to_bytes(4, "big") + xml + app_id.encode()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    sealed = encryptor.update(pad.update(whole) + pad.finalize()) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def posted(sealed: str, url: str = URL, token: str = TOKEN) -> Call:
    """Give the call with a sealed message, signed as WeChat does."""
    times = {"timestamp": "1714112445", "nonce": "415670741"}
    query = {
        "signature": signature(token, *times.values()),
        **times,
        "openid": USER,
        "encrypt_type": "aes",
        "msg_signature": signature(token, *times.values(), sealed),
    }
    body = (
        "<xml>\n    <ToUserName><![CDATA[gh_e136c6e50636]]></ToUserName>\n"
        f"    <Encrypt><![CDATA[{sealed}]]></Encrypt>\n</xml>"
    )
    return Call("POST", f"{url}?{urlencode(query)}", query, {"content-type": "text/xml"}, body.encode())


def proven(body: bytes) -> Call:
    return posted(envelope(body))


def xml(type_: str, *, user: str = USER, time: str = "1714112445", number: str = "", **fields: str) -> bytes:
    """Write a message as WeChat does before it is sealed; a field that begins with `<` holds others."""
    known = {"ToUserName": "gh_e136c6e50636", "FromUserName": user}
    lines = [_cdata(name, held) for name, held in known.items()]
    lines += [f"<CreateTime>{time}</CreateTime>", _cdata("MsgType", type_)]
    lines += [
        f"<{name}>{held}</{name}>" if held.startswith("<") else _cdata(name, held) for name, held in fields.items()
    ]
    lines += [f"<MsgId>{number}</MsgId>"] if number else []
    return f"<xml>{''.join(lines)}</xml>".encode()


def _cdata(name: str, held: str) -> str:
    return f"<{name}><![CDATA[{held}]]></{name}>"


def _message(type_: str, **fields: str) -> bytes:
    return xml(type_, number="22876340532172986", **fields)


def _event(event: str, **fields: str) -> bytes:
    return xml("event", Event=event, **fields)


def _file(kind: PartKind, media_type: str) -> Attachment:
    return Attachment(kind, Private(_MEDIA), Private(kind.value), media_type)


_MEDIA = "whQK88YniP8QXO5rkRimKmkWEg4V0D9_yDblzDFn9yJMJQNnV7pan6AJg8rgiFs9"
_QR = {"EventKey": "qrscene_123123", "Ticket": "gQH47joAAAAAAAAAASxodHRw"}
_SENT = "".join(
    [
        _cdata("Location_X", "11.066500"),
        _cdata("Location_Y", "106.165600"),
        _cdata("Scale", "15"),
        _cdata("Label", "柴桢省巴域市"),
        _cdata("Poiname", ""),
    ]
)
_PHOTOS = "<Count>1</Count><PicList><item><PicMd5Sum><![CDATA[1b5f7c23]]></PicMd5Sum></item></PicList>"

BODIES: dict[str, tuple[bytes, tuple[Message, ...]]] = {
    "text in Chinese": (
        _message("text", Content="我们被关在巴域，护照被拿走了"),
        (Text(Private("我们被关在巴域，护照被拿走了")),),
    ),
    "text in Khmer": (_message("text", Content="ជួយផង យើងនៅបាវិត"), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "text in Burmese": (
        _message("text", Content="ကျွန်တော်တို့ကို ကူညီပါ"),
        (Text(Private("ကျွန်တော်တို့ကို ကူညီပါ")),),
    ),
    "text in Thai with marks": (
        _message("text", Content='ช่วยด้วย <b> & "อยู่ที่นี่"'),
        (Text(Private('ช่วยด้วย <b> & "อยู่ที่นี่"')),),
    ),
    "emoji of WeChat's own": (_message("text", Content="/::)[微笑]👍"), (Text(Private("/::)[微笑]👍")),)),
    "text that came by an article": (
        _message("text", Content="hi", MsgDataId="2247483649_1", Idx="1"),
        (Text(Private("hi")),),
    ),
    "tapped menu of another program": (
        _message("text", Content="满意", bizmsgmenuid="101"),
        (Text(Private("满意")),),
    ),
    "tapped menu with an id of ours": (
        _message("text", Content="是", bizmsgmenuid="ask_safe|yes"),
        (Chosen("yes", "ask_safe"),),
    ),
    "sticker": (_message("text", Content="【收到不支持的消息类型，暂无法显示】"), (Unsupported(),)),
    "image": (
        _message("image", PicUrl="http://mmbiz.qpic.cn/mmbiz_jpg/x/0", MediaId=_MEDIA),
        (_file(PartKind.PHOTO, "image/jpeg"),),
    ),
    "voice": (
        _message("voice", MediaId=_MEDIA, Format="amr", MediaId16K=_MEDIA + "16K"),
        (_file(PartKind.VOICE, "audio/amr"),),
    ),
    "voice with what a machine heard": (
        _message("voice", MediaId=_MEDIA, Format="amr", Recognition="腾讯微信团队"),
        (_file(PartKind.VOICE, "audio/amr"),),
    ),
    "video": (
        _message("video", MediaId=_MEDIA, ThumbMediaId="thumb_of_nobody"),
        (_file(PartKind.VIDEO, "video/mp4"),),
    ),
    "short video": (
        _message("shortvideo", MediaId=_MEDIA, ThumbMediaId="thumb_of_nobody"),
        (_file(PartKind.VIDEO, "video/mp4"),),
    ),
    "location with a name": (
        _message("location", Location_X="23.134521", Location_Y="113.358803", Scale="20", Label="广州市天河区"),
        (Pin(23.134521, 113.358803, label=Private("广州市天河区")),),
    ),
    "location without a name": (
        _message("location", Location_X="11.0665", Location_Y="106.1656", Scale="16", Label=""),
        (Pin(11.0665, 106.1656),),
    ),
    "location that is none": (
        _message("location", Location_X="nan", Location_Y="east", Scale="16", Label=""),
        (Unsupported(),),
    ),
    "link": (
        _message("link", Title="招聘", Description="高薪 西港", Url="https://jobs.example/1"),
        (Text(Private("招聘\n高薪 西港\nhttps://jobs.example/1")),),
    ),
    "link of which only the address came": (
        _message("link", Title="", Description="", Url="https://jobs.example/1"),
        (Text(Private("https://jobs.example/1")),),
    ),
    "file": (
        _message("file", Title="contract.pdf", Description="", FileKey="k", FileMd5="0", FileTotalLen="100"),
        (Unsupported(),),
    ),
    "mini program": (
        _message("miniprogrampage", Title="t", AppId="wx1", PagePath="p", ThumbUrl="u", ThumbMediaId="thumb_of_nobody"),
        (Unsupported(),),
    ),
    "a kind that is new": (_message("hologram", MediaId=_MEDIA), (Unsupported(),)),
    "followed": (_event("subscribe", EventKey=""), (Start(),)),
    "followed by a QR code": (_event("subscribe", **_QR), (Start(),)),
    "scanned while following": (_event("SCAN", EventKey="123123", Ticket=_QR["Ticket"]), (Start(),)),
    "unfollowed": (_event("unsubscribe", EventKey=""), (Left(),)),
    "closed their WeChat account": (
        xml(
            "event",
            user="oPushServiceOfWeChat",
            Event="user_authorization_cancellation",
            OpenID=USER,
            UnionID="oUnionOfNobody",
            AppID=APP_ID,
        ),
        (Left(),),
    ),
    "position of who allowed it": (
        _event("LOCATION", Latitude="23.137466", Longitude="113.352425", Precision="119.385040"),
        (Pin(23.137466, 113.352425, 119.385040),),
    ),
    "place chosen by a menu": (
        _event("location_select", EventKey="6", SendLocationInfo=_SENT),
        (Pin(11.0665, 106.1656, label=Private("柴桢省巴域市")),),
    ),
    "menu with a key": (_event("CLICK", EventKey="language"), (Chosen("language"),)),
    "menu with a link": (_event("VIEW", EventKey="https://line.example/", MenuId="410418124"), ()),
    "scanned something for us": (
        _event("scancode_waitmsg", EventKey="6", ScanCodeInfo=_cdata("ScanType", "qrcode") + _cdata("ScanResult", "2")),
        (Unsupported(),),
    ),
    "photos chosen by a menu, which follow": (
        _event("pic_sysphoto", EventKey="6", SendPicsInfo=_PHOTOS),
        (),
    ),
    "template arrived": (xml("event", Event="TEMPLATESENDJOBFINISH", MsgID="200163836", Status="success"), ()),
    "profile changed": (
        xml("event", user="oPushServiceOfWeChat", Event="user_info_modified", OpenID=USER, AppID=APP_ID),
        (),
    ),
    "agent began": (_event("kf_create_session", KfAccount="test1@test"), ()),
    "signs that XML cannot hold": (
        _message("text", Content="help\x08 \x1b\ufffe us"),
        (Text(Private("help  us")),),
    ),
    "time out of its mind": (
        xml("text", time="99999999999999", number="22876340532172987", Content="hi"),
        (Text(Private("hi")),),
    ),
}

SHAPES = {title: Shape(proven(body), said) for title, (body, said) in BODIES.items()}
