"""Date words: months, days of the week and halves of the day, in many languages.

All keys are in lower case and without accents (`unaccented`). A name for different months in
different languages (listopad, in Polish and Croatian) is left out.
"""

import unicodedata
from collections.abc import Mapping

# A line a month; English first, then the names and abbreviations of other languages.
_MONTHS = """
jan january janv janvier januar janner jaenner jan gennaio gen enero ene janeiro januari stycznia styczen sty ledna leden januari tammikuu tammikuuta ιαν ιανουαριος ιανουαριου янв января январь січня ocak oca ianuarie jaanuar janvaris
feb february fevr fev fevrier februar feber febbraio febrero fevereiro februari lutego luty unora unor helmikuu helmikuuta φεβ φεβρουαριος φεβρουαριου фев февр февраля февраль лютого subat sub februarie veebruar
mar march mars marz mrz maerz marzo marco maart mrt marca marzec brezna brezen maaliskuu maaliskuuta μαρ μαρτιος μαρτιου мар марта март березня mart martie
apr april avr avril aprile abril abr kwietnia kwiecien dubna duben huhtikuu huhtikuuta απρ απριλιος απριλιου апр апреля апрель квітня nisan nis aprilie
may mai maggio mag mayo maio mei maj maja kvetna kveten toukokuu toukokuuta μαι μαιος μαιου мая май травня mayis
jun june juin juni giugno giu junio junho czerwca czerwiec cervna cerven kesakuu kesakuuta ιουν ιουνιος ιουνιου июн июня июнь червня haziran haz iunie
jul july juil juillet juli luglio lug julio julho lipca lipiec cervence cervenec heinakuu heinakuuta ιουλ ιουλιος ιουλιου июл июля июль липня temmuz tem iulie
aug august aout agosto ago augustus augusti sierpnia sierpien srpna elokuu elokuuta αυγ αυγουστος αυγουστου авг августа август серпня agustos agu
sep sept september septembre settembre set septiembre setembro wrzesnia wrzesien zari syyskuu syyskuuta σεπ σεπτ σεπτεμβριος σεπτεμβριου сен сент сентября сентябрь вересня eylul eyl septembrie
oct october okt oktober octobre ottobre ott octubre outubro out pazdziernika pazdziernik rijna rijen lokakuu lokakuuta οκτ οκτωβριος οκτωβριου окт октября октябрь жовтня ekim eki octombrie
nov november novembre noviembre novembro listopadu marraskuu marraskuuta νοε νοεμ νοεμβριος νοεμβριου ноя нояб ноября ноябрь kasim kas noiembrie
dec december dez dezember decembre dicembre dic diciembre dezembro desember des grudnia grudzien prosince prosinec joulukuu joulukuuta δεκ δεκεμβριος δεκεμβριου дек декабря декабрь грудня aralik ara decembrie
"""  # noqa: E501
# A line a day, from Monday on.
_WEEKDAYS = """
mon monday mo montag lun lundi lunes lunedi maandag ma mandag seg segunda pon poniedzialek pn δευ δευτερα пн пон понедельник pzt pazartesi mån mandag man
tue tues tuesday di dienstag mar mardi martes martedi dinsdag tirsdag tir tis tisdag ter terca wt wtorek τρι τριτη вт втр вторник sal sali
wed weds wednesday mi mittwoch mer mercredi mie miercoles mercoledi woensdag wo onsdag ons qua quarta sr sroda τετ τεταρτη ср срд среда car carsamba
thu thur thurs thursday do donnerstag jeu jeudi jue jueves gio giovedi donderdag torsdag tor qui quinta czw czwartek πεμ πεμπτη чт чтв четверг per persembe
fri friday fr freitag ven vendredi vie viernes venerdi vrijdag vr fredag fre sex sexta pt piatek παρ παρασκευη пт птн пятница cum cuma
sat saturday sa samstag sonnabend sam samedi sab sabado sabato zaterdag za lordag lor lordag σαβ σαββατο сб суббота cmt cumartesi sobota sob
sun sunday so sonntag dim dimanche dom domingo domenica zondag zo sondag son niedziela nd κυρ κυριακη вс воскресенье paz pazar
"""  # noqa: E501


def unaccented(word: str) -> str:
    """A word in lower case without accents and points: "Févr." is "fevr"."""
    if word.isascii():
        return word.lower().rstrip(".")
    parts = unicodedata.normalize("NFKD", word.casefold())
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
