"""掌柜 zhanggui: the clienteling bot that tells a guide what to say, and what never to offer."""
