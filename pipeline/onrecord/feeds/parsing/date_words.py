"""Date words: months, days of the week and halves of the day, in many languages.

All keys are in lower case and without accents (`unaccented`). A name for different months in
different languages (listopad, in Polish and Croatian) is left out.
"""

import unicodedata
from collections.abc import Mapping

# A line a month; English first, then the names and abbreviations of other languages.
_MONTHS = """
jan january janv janvier januar janner jaenner jan gennaio gen enero ene janeiro januari stycznia styczen sty ledna leden januari tammikuu tammikuuta ιαν ιανουαριος ιανουαριου янв января январь січня ocak oca ianuarie jaanuar janvaris يناير ינואר בינואר
feb february fevr fev fevrier februar feber febbraio febrero fevereiro februari lutego luty unora unor helmikuu helmikuuta φεβ φεβρουαριος φεβρουαριου фев февр февраля февраль лютого subat sub februarie veebruar فبراير פברואר בפברואר
mar march mars marz mrz maerz marzo marco maart mrt marca marzec brezna brezen maaliskuu maaliskuuta μαρ μαρτιος μαρτιου мар марта март березня mart martie مارس מרץ במרץ
apr april avr avril aprile abril abr kwietnia kwiecien dubna duben huhtikuu huhtikuuta απρ απριλιος απριλιου апр апреля апрель квітня nisan nis aprilie أبريل אפריל באפריל
may mai maggio mag mayo maio mei maj maja kvetna kveten toukokuu toukokuuta μαι μαιος μαιου мая май травня mayis مايو מאי במאי
jun june juin juni giugno giu junio junho czerwca czerwiec cervna cerven kesakuu kesakuuta ιουν ιουνιος ιουνιου июн июня июнь червня haziran haz iunie يونيو יוני ביוני
jul july juil juillet juli luglio lug julio julho lipca lipiec cervence cervenec heinakuu heinakuuta ιουλ ιουλιος ιουλιου июл июля июль липня temmuz tem iulie يوليو יולי ביולי
aug august aout agosto ago augustus augusti sierpnia sierpien srpna elokuu elokuuta αυγ αυγουστος αυγουστου авг августа август серпня agustos agu أغسطس אוגוסט באוגוסט
sep sept september septembre settembre set septiembre setembro wrzesnia wrzesien zari syyskuu syyskuuta σεπ σεπτ σεπτεμβριος σεπτεμβριου сен сент сентября сентябрь вересня eylul eyl septembrie سبتمبر ספטמבר בספטמבר
oct october okt oktober octobre ottobre ott octubre outubro out pazdziernika pazdziernik rijna rijen lokakuu lokakuuta οκτ οκτωβριος οκτωβριου окт октября октябрь жовтня ekim eki octombrie أكتوبر אוקטובר באוקטובר
nov november novembre noviembre novembro listopadu marraskuu marraskuuta νοε νοεμ νοεμβριος νοεμβριου ноя нояб ноября ноябрь kasim kas noiembrie نوفمبر נובמבר בנובמבר
dec december dez dezember decembre dicembre dic diciembre dezembro desember des grudnia grudzien prosince prosinec joulukuu joulukuuta δεκ δεκεμβριος δεκεμβριου дек декабря декабрь грудня aralik ara decembrie ديسمبر דצמבר בדצמבר
"""  # noqa: E501
# A line a day, from Monday on.
_WEEKDAYS = """
mon monday mo montag lun lundi lunes lunedi maandag ma mandag seg segunda pon poniedzialek pn δευ δευτερα пн пон понедельник pzt pazartesi mån mandag man الاثنين الإثنين
tue tues tuesday di dienstag mar mardi martes martedi dinsdag tirsdag tir tis tisdag ter terca wt wtorek τρι τριτη вт втр вторник sal sali ti الثلاثاء
wed weds wednesday mi mittwoch mer mercredi mie miercoles mercoledi woensdag wo onsdag ons qua quarta sr sroda τετ τεταρτη ср срд среда car carsamba ke الأربعاء
thu thur thurs thursday do donnerstag jeu jeudi jue jueves gio giovedi donderdag torsdag tor qui quinta czw czwartek πεμ πεμπτη чт чтв четверг per persembe to الخميس
fri friday fr freitag ven vendredi vie viernes venerdi vrijdag vr fredag fre sex sexta pt piatek παρ παρασκευη пт птн пятница cum cuma pe الجمعة
sat saturday sa samstag sonnabend sam samedi sab sabado sabato zaterdag za lordag lor lordag σαβ σαββατο сб суббота cmt cumartesi sobota sob la السبت
sun sunday so sonntag dim dimanche dom domingo domenica zondag zo sondag son niedziela nd κυρ κυριακη вс воскресенье paz pazar su الأحد
"""  # noqa: E501


# Letters that Unicode does not take apart.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"})


def unaccented(word: str) -> str:
    """A word in lower case without accents and points: "Févr." is "fevr"."""
    if word.isascii():
        return word.lower().rstrip(".")
    parts = unicodedata.normalize("NFKD", word.casefold()).translate(_PLAIN)
    return "".join(part for part in parts if not unicodedata.combining(part)).rstrip(".")


def _numbered(lines: str, first: int) -> dict[str, int]:
    return {
        unaccented(word): number
        for number, line in enumerate(lines.strip().splitlines(), first)
        for word in line.split()
    }


MONTHS: Mapping[str, int] = _numbered(_MONTHS, 1)
WEEKDAYS: Mapping[str, int] = _numbered(_WEEKDAYS, 0)
# The half of the day, where its word stands before the time.
MERIDIEMS: Mapping[str, str] = {
    "오전": "a", "오후": "p", "上午": "a", "下午": "p", "午前": "a", "午後": "p",
}  # fmt: skip
# Words of a date that say nothing of it.
FILLERS = frozenset((
    "at", "on", "the", "of", "um", "uhr", "am", "den", "der", "le", "a", "de", "del", "el", "il",
    "klo", "kl", "om", "las", "alle", "ore", "as", "horas", "v", "t", "g", "r", "o", "date",
    "st", "nd", "rd", "th", "er",
))  # fmt: skip
