"""Word families: what CSS names, and the words of short lines, are usually about.

The lists hold the words that templates and boilerplate use in the languages of the
press that we know. How much a family counts is up to the model. A set of families is
an integer, one bit for each, in the order of ``CSS_FAMILIES`` or ``TEXT_FAMILIES``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# Parts of class, id, itemprop and role, as hyphens, underscores and capitals set them
# apart: family → words. The order of the families is part of the model.
_CSS_WORDS = {
    "content": (
        "content contents article story storytext articletext articlebody entry post "
        "text copy richtext rte prose contenu artikel texto cuerpo corpo noticia "
        "tresc artykul haber icerik inhalt innehall"
    ),
    "body": (
        "body bodytext articlebody storybody postbody main paragraph para absatz "
        "wysiwyg field html"
    ),
    "comment": (
        "comment comments commentlist disqus reply replies discussion kommentar "
        "kommentare comentarios respond coral komentarz komentarze kommentti reacties "
        "reakcije yorum commentaires commenti kommentarer"
    ),
    "related": (
        "related relatedcontent recommend recommended recommendations recirc more "
        "also outbrain taboola readmore similar teaser teasers suggest suggestions "
        "next previous prev trending popular mostread latest promo promotion "
        "crosslink siblings verwandt weitere mehr associes liees powiazane podobne "
        "polecane zobacz czytaj gerelateerd relaterat relacionadas relacionados "
        "correlati ilgili onerilen"
    ),
    "share": (
        "share shares sharing social socials addthis sharedaddy twitter facebook "
        "whatsapp follow linkedin pinterest udostepnij podziel vkontakte vk"
    ),
    "navigation": (
        "nav navigation menu navbar breadcrumb breadcrumbs pagination pager toc tabs "
        "subnav skip topbar toolbar"
    ),
    "footer": "footer foot colophon copyright legal imprint bottom disclaimer",
    "header": "header masthead top banner logo brand",
    "side": (
        "sidebar side aside rail widget widgets column secondary right left extra "
        "module complementary"
    ),
    "advert": (
        "ad ads advert advertisement adsense sponsor sponsored sponsoring promoted "
        "commercial anzeige werbung publicite pub dfp gpt adslot affiliate shop "
        "product deal buy cta reklama reklamy reklam publicidad publicidade "
        "pubblicita annons advertentie mainos"
    ),
    "author": (
        "author authors byline autor auteur bio profile vcard contributor writer "
        "about avatar autorzy yazar"
    ),
    "date": (
        "date time timestamp datetime published updated posted datum dateline pubdate "
        "fecha tarih"
    ),
    "caption": (
        "caption captions credit credits image img photo photos picture figure media "
        "legend legende bild bildunterschrift wp-caption thumbnail copyright gallery "
        "slideshow carousel lightbox zdjecie zdjecia foto fotos leyenda didascalia "
        "podpis"
    ),
    "tag": (
        "tag tags keyword keywords topic topics category categories label labels "
        "schlagwort rubrik tagi etiquetas temas"
    ),
    "subscribe": (
        "newsletter newsletters signup subscribe subscription paywall premium abo "
        "plus register registration login donate donation optin mailchimp form modal "
        "offer regwall piano nieuwsbrief nyhetsbrev boletin"
    ),
    "title": (
        "title headline heading hed h1 titel titre kicker overline eyebrow titulo "
        "titolo tytul baslik rubrik"
    ),
    "lead": (
        "lead lede intro introduction summary excerpt standfirst dek deck subtitle "
        "subheadline subline chapo teaserr abstract vorspann description sapo "
        "strapline leadtext zajawka ingress entradilla sommario antetitulo bajada "
        "anons"
    ),
    "consent": (
        "cookie cookies consent gdpr popup modal overlay banner notice privacy cmp "
        "onetrust dialog toast ciasteczka"
    ),
    "quote": "quote blockquote pullquote zitat citation tweet embed instagram",
    "list": "list item items listing grid cards card row tile tiles feed stream",
    "video": "video player audio podcast playlist youtube jw brightcove listen",
    "meta": (
        "meta info infos details stats count views counter print tools actions "
        "utility rating vote"
    ),
    "hidden": "hidden hide sr screenreader offscreen visuallyhidden invisible noprint",
    "live": "live liveblog ticker update updates timeline",
    "box": (
        "box infobox factbox sidebox callout highlight inset info kasten encadre note "
        "notes footnote footnotes references correction"
    ),
}

# Words of short lines that are about something else than the article.
_TEXT_WORDS = {
    "read": (
        "read lire lesen leggi lea leia lees läs читайте читать voir see siehe auch "
        "aussi also également anche también más mehr more plus weiterlesen suite "
        "suivre related similar verwandte thema sujet sujets themen topics "
        "lesezeichen czytaj zobacz przeczytaj więcej również także podobne powiązane "
        "polecamy еще ещё также смотрите подробнее похожие другие далее διαβάστε "
        "περισσότερα σχετικά δείτε επίσης ook meer gerelateerd också mer lue myös les "
        "også veja mais tambem číst čtěte více související citiți citește olvassa "
        "прочетете devamı oku ilgili haberler baca juga"
    ),
    "share": (
        "share partager teilen compartir condividi compartilhar facebook twitter "
        "whatsapp email mail linkedin pinterest tweet print imprimer drucken telegram "
        "reddit flipboard copy link udostępnij drukuj wyślij skopiuj поделиться "
        "распечатать печать отправить вконтакте одноклассники твитнуть ссылка "
        "εκτύπωση κοινοποίηση μοιραστείτε αποστολή dela deel delen jaa paylaş yazdır "
        "sdílet tisk imprimir enviar stampa invia tweeter vk wykop поділитися друк"
    ),
    "subscribe": (
        "subscribe subscribers subscriber subscription newsletter newsletters "
        "abonnieren abonnement abonnez abonnés abonner suscríbete suscribirse "
        "iscriviti inscrever sign signup inbox register inscription inscrivez-vous "
        "anmelden registrieren abo digital trial unlimited access premium email "
        "adresse address prenumerata subskrybuj zapisz zaloguj zarejestruj подписка "
        "подписаться подпишитесь рассылка войти регистрация εγγραφή εγγραφείτε "
        "συνδρομή nieuwsbrief abonneer inloggen prenumerera nyhetsbrev uutiskirje "
        "tilaa assine newslettera přihlásit registrace abone"
    ),
    "rights": (
        "copyright rights reserved reproduction droits réservés vorbehalten rechte "
        "derechos reservados diritti riservati licence license terms conditions "
        "privacy policy prawa zastrzeżone kopiowanie regulamin права защищены "
        "перепечатка использование материалов πνευματικά δικαιώματα όροι χρήσης alle "
        "rechten voorbehouden todos direitos práva vyhrazena tüm hakları saklıdır "
        "drepturile rezervate"
    ),
    "consent": (
        "cookie cookies consent einwilligung datenschutz consentement privacy gdpr "
        "zustimmen accept accepter akzeptieren ciasteczka prywatności polityka куки "
        "согласие privacidade privacidad datenschutzerklärung"
    ),
    "advert": (
        "advertisement advertising advert anzeige werbung publicité publicidad "
        "pubblicità sponsored sponsor affiliate commission purchase werbelinks "
        "provision partner promoted ad reklama ogłoszenia oferta promocja sklep "
        "реклама объявления партнеры партнёры διαφήμιση διαφημίσεις χορηγός annons "
        "advertentie mainos annonse anúncio publicidade reklam reclamă hirdetés "
        "комерційна"
    ),
    "comment": (
        "comment comments commentaire commentaires kommentar kommentare comentario "
        "comentarios commenta reply leave log logged post antworten répondre "
        "discussion forum reactions réactions komentarz komentarze komentarzy "
        "skomentuj odpowiedz opinie wypowiedz комментарий комментарии комментариев "
        "комментировать ответить отзывы обсудить форум σχόλιο σχόλια σχολιάστε "
        "απάντηση συζήτηση reacties reageer kommentarer kommentoi kommentit "
        "comentários comentar komentáře diskuse yorum yorumlar yanıtla коментарі "
        "komentari commenti"
    ),
    "author": (
        "author journalist reporter correspondent writer editor redakteur redakteurin "
        "redaktion autor autorin auteur journaliste rédaction rédacteur correspondant "
        "columnist biography posts contributed reporting by von par por di autorka "
        "autorzy redakcja redaktor dziennikarz автор авторы редактор редакция "
        "корреспондент журналист συντάκτης συντάκτρια ρεπορτάζ αρθρογράφος "
        "δημοσιογράφος redacteur auteurs redaktör skribent toimittaja jornalista "
        "redação periodista redacción giornalista redazione yazar muhabir"
    ),
    "photo": (
        "photo photos foto fotos credit image images getty reuters ap afp dpa imago "
        "picture bild courtesy photograph photographer shutterstock istock archiv "
        "archives alliance via file quelle crédit fot zdjęcie zdjęcia źródło galeria "
        "агентство фото фотография фотографии снимок иллюстрация источник φωτό "
        "φωτογραφία φωτογραφίες εικόνα πηγή bron beeld kuva bilden imagem imagen "
        "fuente fonte foto's fotoğraf kaynak tass тасс риа интерфакс"
    ),
    "time": (
        "published updated last posted publié modifié mis jour veröffentlicht "
        "aktualisiert stand publicado actualizado uhr am pm est edt gmt bst ago min "
        "read minutes monday tuesday wednesday thursday friday saturday sunday "
        "opublikowano aktualizacja dodano dzisiaj wczoraj godz pon wt śr czw pt sob "
        "ndz опубликовано обновлено дата сегодня вчера мск января февраля марта "
        "апреля мая июня июля августа сентября октября ноября декабря stycznia lutego "
        "marca kwietnia maja czerwca lipca sierpnia września października listopada "
        "grudnia δημοσίευση δημοσιεύθηκε ενημέρωση τελευταία ώρα ημερομηνία "
        "gepubliceerd publicerad uppdaterad julkaistu päivitetty hoje ontem "
        "publikováno aktualizováno yayınlanma güncelleme montag dienstag mittwoch "
        "donnerstag freitag samstag sonntag"
    ),
    "donate": (
        "donate donation donations support soutenir soutien don dons unterstützen "
        "spenden spende donar apoyar generosity généreux généreuse fund wesprzyj "
        "wspieraj darowizna przekaż поддержать поддержите пожертвовать donación "
        "doneer doação"
    ),
    "app": (
        "app download télécharger herunterladen descargar android ios google apple "
        "play store channel kanal push mobile aplikacja pobierz приложение скачать "
        "εφαρμογή baixar aplicativo stáhnout indir uygulama"
    ),
    "follow": (
        "follow folgen suivez suivre síguenos seguici us uns nous instagram youtube "
        "tiktok bluesky mastodon google news obserwuj śledź polub dołącz facebooku "
        "подписывайтесь присоединяйтесь следите группе ακολουθήστε volg följ seuraa "
        "siga sledujte takip"
    ),
    "media": (
        "video watch listen audio podcast gallery slideshow galerie vidéo écouter "
        "ansehen hören ver play pause seconds volume wideo filmik obejrzyj posłuchaj "
        "видео смотреть слушать аудио фоторепортаж галерея βίντεο ακούστε vídeo "
        "bekijk luister titta lyssna katso kuuntele assista ouça izle dinle"
    ),
    "contact": (
        "contact tips email call phone kontakt contacter redazione newsroom tip press "
        "inquiries pr information visit website www telefon adres napisz телефон "
        "адрес контакты сайт почта τηλέφωνο διεύθυνση επικοινωνία teléfono contacto "
        "telefone contato contatti telefono"
    ),
    "note": (
        "correction corrected clarification note article story version originally "
        "appeared earlier updated erratum korrektur anmerkung hinweis sprostowanie "
        "uwaga przypis исправлено уточнение опечатка ошибку выделите примечание "
        "διόρθωση rättelse rectificatie corrección correção nota oikaisu"
    ),
}

# The same for languages without spaces between words, and for Korean, whose words have
# endings: parts of a line.
_TEXT_PHRASES = {
    "read": (
        "相关新闻 相关阅读 相关报道 相关链接 相關新聞 相關報導 延伸阅读 延伸閱讀 "
        "推荐阅读 更多 热门 熱門 排行 阅读全文 猜你喜欢 下一页 上一篇 下一篇 "
        "関連記事 関連リンク 続きを読む もっと見る ランキング 一覧 관련기사 더보기 "
        "많이"
    ),
    "share": (
        "分享 转发 轉發 收藏 打印 列印 复制链接 微博 微信 空间 人人网 豆瓣 シェア "
        "印刷 ツイート ブックマーク 공유 인쇄 복사"
    ),
    "subscribe": (
        "订阅 訂閱 登录 登入 注册 註冊 会员 會員 購読 会員登録 ログイン 구독 로그인 "
        "회원가입"
    ),
    "rights": "版权 版權 转载 轉載 未经 授权 免责声明 著作権 無断 저작권 무단",
    "consent": "隐私 隱私 プライバシー 개인정보",
    "advert": "广告 廣告 推广 赞助 広告 スポンサー 광고",
    "comment": "评论 評論 留言 网友 網友 跟帖 回复 回覆 コメント 댓글",
    "author": (
        "责任编辑 责编 编辑 編輯 记者 記者 作者 来源 來源 撰稿 通讯员 編集 執筆 "
        "기자 편집"
    ),
    "photo": (
        "图片 圖片 摄影 攝影 图为 圖為 资料图 資料照 照片 供图 新华社 中新社 写真 "
        "撮影 사진 제공"
    ),
    "time": (
        "发布时间 發布時間 时间 時間 更新 昨天 今天 昨日 今日 字号 公開 掲載 입력 "
        "수정 승인"
    ),
    "app": "客户端 下载 下載 手机 手機 アプリ ダウンロード 다운로드",
    "follow": "关注 關注 公众号 公眾號 扫描 扫一扫 二维码 フォロー 팔로우",
    "media": "视频 視頻 影片 播放 直播 音频 图集 動画 再生 영상 동영상",
    "contact": "联系 聯絡 电话 電話 邮箱 热线 举报 问い合わせ 問い合わせ 문의 제보",
    "donate": "捐款 捐助 寄付 후원",
    "note": "更正 订正 訂正 정정",
}

CSS_FAMILIES = tuple(_CSS_WORDS)
TEXT_FAMILIES = tuple(_TEXT_WORDS)


def _bits_by_word(words_by_family: Mapping[str, str]) -> dict[str, int]:
    bits: dict[str, int] = {}
    for position, words in enumerate(words_by_family.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << position
    return bits


_CSS_WORD_BITS = _bits_by_word(_CSS_WORDS)
_CSS_WORD_BITS_BY_BYTES = {word.encode(): bits for word, bits in _CSS_WORD_BITS.items()}
TEXT_WORD_BITS = _bits_by_word(_TEXT_WORDS)
_TEXT_PHRASE_BITS = _bits_by_word(
    {family: _TEXT_PHRASES[family] for family in TEXT_FAMILIES}
)
_TEXT_PHRASE = re.compile("|".join(sorted(_TEXT_PHRASE_BITS, key=len, reverse=True)))
_OTHERS_TO_SPACE = bytes(
    code if chr(code) in "abcdefghijklmnopqrstuvwxyz" else ord(" ")
    for code in range(256)
)
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|h[1-6]")


@lru_cache(maxsize=8192)
def families_of_names(css_names: str) -> int:
    """The families that the parts of these names, split by spaces, belong to."""
    families = 0
    if css_names.isascii() and css_names.islower():  # as most are, and faster
        for part in css_names.encode().translate(_OTHERS_TO_SPACE).split():
            families |= _CSS_WORD_BITS_BY_BYTES.get(part, 0)
    else:
        for name in css_names.split():
            families |= families_of_name(name)
    return families


@lru_cache(maxsize=4096)
def families_of_name(css_name: str) -> int:
    """The families that the parts of one name belong to."""
    families = 0
    if css_name.isascii() and css_name.islower():
        for part in css_name.encode().translate(_OTHERS_TO_SPACE).split():
            families |= _CSS_WORD_BITS_BY_BYTES.get(part, 0)
    else:
        for name_part in _NAME_PART.findall(css_name):
            families |= _CSS_WORD_BITS.get(name_part.lower(), 0)
    return families


def families_of_phrases(text: str) -> tuple[int, int]:
    """The families of the phrases in a text without spaces, and how many there are."""
    families, count = 0, 0
    for phrase in _TEXT_PHRASE.findall(text):
        families |= _TEXT_PHRASE_BITS[phrase]
        count += 1
    return families, count
