"""WeChat, by a service account. `docs/channels/wechat.md`."""
