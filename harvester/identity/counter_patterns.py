"""Patterns of what pages count and time, in some twenty languages. Pure.

Parts of expressions, for text in lower case or compared without case, in the typography
of ``wording.normalise_typography``.
"""

from __future__ import annotations

NUMBER = (
    r"\d(?:[\d .,'-]{0,12}\d)?"
    r" ?(?:k|m|mio\.?|mil\.?|tsd\.?|tys\.?|тыс\.?|млн\.?|万|만)?\+?"
)
# Comments, views, reads, shares, likes. Not what news is about: votes, visits, followers.
COUNTED = (
    r"(?:comments?|views?|reads?|shares?|likes?|replies|reply|reactions?|listens?|plays?"
    r"|commentaires?|vues?|lectures?|partages?|réactions?|écoutes?|j'aime"
    r"|kommentare?|aufrufe?|reaktionen|mal gelesen|mal geteilt"
    r"|comentarios?|visualizaciones|lecturas|compartidos|reacciones|me gusta"
    r"|comment[io]|visualizzazion[ei]|letture|condivision[ei]|reazion[ei]|mi piace"
    r"|comentários?|visualizaç(?:ão|ões)|leituras?|partilhas|compartilhamentos|reações"
    r"|reacties?|weergaven|keer (?:gelezen|bekeken|gedeeld)"
    r"|kommentar(?:er)?|visning(?:ar|er)|delningar|delinger|kommentti\w{0,3}"
    r"|komentarz[ey]?|wyświetle\w{1,3}|komentá[řr]\w{0,3}|comentarii|hozzászólás"
    r"|комментари\w{1,2}|коментар\w{0,3}|просмотр\w{0,2}|перегляд\w{0,2}|σχόλι\w{1,2}"
    r"|yorum|görüntülenme|komentar|bình luận|تعليق\w{0,3}|مشاهدة|תגובות|צפיות"
    r"|टिप्पणि?\w{0,4}|件のコメント|コメント|[条條]?(?:评论|評論|留言)|次?(?:浏览|瀏覽|阅读)"
    r"|回(?:視聴|閲覧)|댓글|조회수?)"
)
MINUTES = (
    r"(?:min(?:s|uts?|utes?|uten?|utos?|uti|uter|utter|ut[yę]?)?\.?|mn|minuuttia|perc|dk"
    r"|dakika|мин(?:ут[аы]?)?\.?|хв|λεπτά|分钟?|分鐘|분|دقيقة|دقائق|phút|menit)"
)
READING = (
    r"(?:to read|read(?:ing)?(?: time)?|listen(?:ing)?|watch|de lecture|d'écoute"
    r"|lesezeit|lesedauer|zum lesen|de lectura|di lettura|de leitura|leestijd|lezen"
    r"|lästid|lesetid|læsetid|lukuaika|czytania|čtení|чтения|на чтение|okuma(?: süresi)?)"
)
READING_LABEL = (
    r"(?:(?:estimated |temps de |durée de |tempo di |tempo de |tiempo de |время |czas )?"
    r"(?:read(?:ing)?(?: time)?|lecture|lettura|leitura|lectura|чтения|czytania)"
    r"(?: estimée?)?|lesezeit|lesedauer|leestijd|lästid|lesetid|læsetid|lukuaika"
    r"|阅读(?:时间)?|読了(?:時間)?|约|約)"
)

# Times that pass while a page is online; French, English, German, Spanish and Italian
# ones are those of ``boilerplate``.
_UNIT = (
    r"(?:s|min|h|seg(?:undos?)?|minutos?|horas?|dias?|semanas?|se[ck]\w{0,6}|minu\w{1,7}"
    r"|u(?:ur|ren)|timm\w{1,4}|timer?|da(?:g(?:en|ar|e)?)|dni|dzień|godz\w{0,4}|hod\w{0,4}"
    r"|tunti\w{0,2}|päivää|perce?|órája|napja|dakika|saat|gün|saniye|мин\w{0,4}|час\w{0,2}"
    r"|сек\w{0,5}|дн(?:я|ей)|день|хв\w{0,5}|годин\w?|λεπτ\w{1,3}|ώρ\w{1,3}|ημέρ\w{1,3}"
    r"|دقيقة|دقائق|ساعات?|ساعة|يوم|أيام|phút|giờ|menit|jam)\.?"
)
_COUNT = r"(?:\d[\d .,']{0,8}|um|uma|een|en|ett|et|jedn\w{1,3}) ?"
AGO = (
    rf"(?:há (?:cerca de )?{_COUNT}{_UNIT}|{_COUNT}{_UNIT} (?:atrás|geleden|sedan|siden"
    r"|temu|sitten|önce|назад|тому|ezelőtt|trước|yang lalu)"
    rf"|(?:för|for) {_COUNT}{_UNIT} (?:sedan|siden)|před {_COUNT}{_UNIT}"
    rf"|πριν (?:από )?{_COUNT}{_UNIT}|(?:قبل|منذ) {_COUNT}{_UNIT}"
    r"|\d{1,3} ?(?:秒|分|分钟|分鐘|时间|時間|小时|小時|日|天)前|\d{1,3} ?(?:초|분|시간|일) ?전)"
)
