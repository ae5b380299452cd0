"""What people type in each language, and when that was: at half past three on Friday, November 27, in Berlin."""

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from custom_components.axis_recordings.phrases.query import read_query
from custom_components.axis_recordings.phrases.vocabulary import LANGUAGES

from .test_query import BERLIN, NOW

if TYPE_CHECKING:
    from custom_components.axis_recordings.phrases.query import Query


class Meaning(NamedTuple):
    """From when to when, by the clock on the wall of November 2026 if no month is written."""

    start: str
    end: str


THURSDAY_2147: Final = Meaning("26 21:47", "26 21:48")
THURSDAY_21: Final = Meaning("26 21:00", "26 22:00")
THURSDAY_EVENING: Final = Meaning("26 17:00", "27 00:00")
YESTERDAY_930: Final = Meaning("26 09:30", "26 09:31")
YESTERDAY_QUARTER_TO_TEN: Final = Meaning("26 09:45", "26 09:46")
LAST_NIGHT: Final = Meaning("26 20:00", "27 06:00")
LAST_24_HOURS: Final = Meaning("26 15:30", "27 15:30")
LAST_3_DAYS: Final = Meaning("24 15:30", "27 15:30")
LAST_HOUR: Final = Meaning("27 14:30", "27 15:30")
LAST_WEEK: Final = Meaning("16 00:00", "23 00:00")
HOUR_AGO: Final = Meaning("27 14:00", "27 15:00")
HALF_AN_HOUR_AGO: Final = Meaning("27 14:45", "27 15:15")
TWO_HOURS_AGO: Final = Meaning("27 13:00", "27 14:00")
SINCE_MONDAY: Final = Meaning("23 00:00", "27 15:30")
SINCE_LAST_WEEK: Final = Meaning("16 00:00", "27 15:30")
SINCE_OCTOBER: Final = Meaning("10-01 00:00", "27 15:30")
SINCE_9: Final = Meaning("27 09:00", "27 15:30")
FROM_9_TO_10: Final = Meaning("27 09:00", "27 10:00")
MONDAY_TO_WEDNESDAY: Final = Meaning("23 00:00", "26 00:00")
MAY_TO_JULY: Final = Meaning("05-01 00:00", "08-01 00:00")
FROM_20_TO_22: Final = Meaning("20 00:00", "23 00:00")
THE_26TH: Final = Meaning("26 00:00", "27 00:00")
WEEKEND: Final = Meaning("21 00:00", "23 00:00")

PHRASES: Final[dict[str, dict[Meaning, tuple[str, ...]]]] = {
    "en": {
        THURSDAY_2147: (
            *("21:47 on Thursday", "Thursday at 21:47", "yesterday, 9:47 pm"),
            *("9:47 pm yesterday", "21:47 on 26 November", "Nov 26 at 9:47pm"),
        ),
        THURSDAY_21: ("at 9 pm on Thursday", "Thursday 9pm", "yesterday at nine pm"),
        THURSDAY_EVENING: ("Thursday evening", "yesterday's evening", "late Thursday evening"),
        YESTERDAY_930: ("half past nine yesterday", "yesterday at half 9"),
        YESTERDAY_QUARTER_TO_TEN: ("quarter to ten yesterday", "yesterday at a quarter to 10"),
        LAST_NIGHT: ("last night", "night yesterday"),
        LAST_24_HOURS: ("last 24 hours", "in the past 24 hours", "last 24h", "within the last twenty-four hours"),
        LAST_3_DAYS: ("last 3 days", "the past three days", "since 3 days"),
        LAST_HOUR: ("last hour", "the past hour", "in the last hour", "since an hour"),
        HOUR_AGO: ("an hour ago", "1 hour ago", "one hour ago", "about an hour ago"),
        HALF_AN_HOUR_AGO: ("half an hour ago", "30 minutes ago"),
        SINCE_LAST_WEEK: ("since last week", "from last week until now", "last week to now"),
        SINCE_OCTOBER: ("since October", "since last month", "since 2026-10"),
        SINCE_9: ("since 9", "from 9 onwards", "since nine", "9:00 to now"),
        FROM_9_TO_10: ("between 9 and 10", "from 9 to 10", "9:00 - 10:00", "today 9-10", "9 to 10 today", "9-10 am"),
        MONDAY_TO_WEDNESDAY: ("Monday to Wednesday", "Mon-Wed", "Monday through Wednesday", "from Mon until Wed"),
        MAY_TO_JULY: ("from May to July", "between May and July", "May - July", "May-Jul"),
        FROM_20_TO_22: (
            *("20 to 22 November", "from 20 to 22 November", "20\N{EN DASH}22 Nov", "Nov 20-22"),
            *("November 20 to 22, 2026", "from the 20th to the 22nd", "20.-22.11.", "20/11-22/11"),
            "between the 20th and 22nd of November",
        ),
        THE_26TH: ("26 November", "Nov 26", "26 Nov 2026", "the 26th", "26. 11.", "26nov"),
        WEEKEND: ("last weekend", "weekend", "at the weekend", "over the weekend"),
        Meaning("26 22:00", "27 02:00"): ("between 10 and 2 am", "10-2 am", "yesterday 10 to 2 am"),
        Meaning("27 00:00", "27 03:00"): ("12 to 3 am", "midnight to 3 am", "between 12 and 3 at night"),
        Meaning("26 23:00", "27 00:00"): ("11 to 12 am", "from 11 pm to midnight"),
        Meaning("27 09:00", "27 12:00"): ("9 to noon today", "between 9 and noon"),
        Meaning("27 12:30", "27 14:30"): ("from 3 hours ago to 1 hour ago",),
        Meaning("26 21:00", "27 00:00"): ("yesterday since 9 pm",),
        Meaning("15 00:00", "16 00:00"): ("Sunday the week before last", "Sunday 2 weeks ago"),
        Meaning("26 00:00", "29 00:00"): ("26\N{EN DASH}28 Nov", "Nov 26 to 28"),
        Meaning("2025-12-01 00:00", "2025-12-06 00:00"): ("December 1 to 5", "from Dec 1 to Dec 5"),
        Meaning("2025-11-01 00:00", "2026-02-01 00:00"): ("from November to January",),
        Meaning("2025-01-01 00:00", "27 15:30"): ("since 2025", "from 2025 to now"),
    },
    "de": {
        THURSDAY_2147: (
            *("21:47 am Donnerstag", "Donnerstag 21:47", "um 21:47 am 26.11.", "21.47 Uhr gestern"),
            *("gestern um 21 Uhr 47", "am 26. November um 21:47 Uhr", "21:47 Uhr am Do"),
        ),
        THURSDAY_21: ("um 21 Uhr am Donnerstag", "Donnerstag um 21 Uhr", "um neun Uhr abends am Donnerstag"),
        THURSDAY_EVENING: ("Donnerstagabend", "am Donnerstag Abend", "gestern Abend", "am späten Abend des 26.11."),
        YESTERDAY_930: ("gestern halb zehn", "um halb 10 am Donnerstag", "gestern um halb zehn Uhr"),
        YESTERDAY_QUARTER_TO_TEN: ("gestern viertel vor zehn", "dreiviertel zehn am Donnerstag"),
        LAST_NIGHT: ("letzte Nacht", "heute Nacht", "gestern Nacht"),
        LAST_24_HOURS: ("letzte 24 Stunden", "in den letzten 24 Stunden", "die letzten 24h", "innerhalb der letzten vierundzwanzig Stunden"),
        LAST_3_DAYS: ("letzte drei Tage", "in den letzten 3 Tagen", "seit 3 Tagen"),
        LAST_HOUR: ("letzte Stunde", "in der letzten Stunde", "seit einer Stunde"),
        LAST_WEEK: ("letzte Woche", "in der letzten Woche", "vor einer Woche"),
        HOUR_AGO: ("vor einer Stunde", "vor 1 Std.", "vor etwa einer Stunde"),
        HALF_AN_HOUR_AGO: ("vor einer halben Stunde",),
        TWO_HOURS_AGO: ("vor 2 Stunden", "vor zwei Stunden"),
        SINCE_MONDAY: ("seit Montag", "ab Montag", "seit dem 23.11.", "seit dem 23."),
        SINCE_LAST_WEEK: ("seit letzter Woche", "ab letzter Woche"),
        SINCE_OCTOBER: ("seit Oktober", "seit letztem Monat", "ab Oktober"),
        SINCE_9: ("seit 9 Uhr", "ab 9 Uhr", "von 9 Uhr bis jetzt", "seit neun"),
        FROM_9_TO_10: ("zwischen 9 und 10", "von 9 bis 10 Uhr", "9-10 Uhr", "heute 9 bis 10", "von neun bis zehn"),
        MONDAY_TO_WEDNESDAY: ("Montag bis Mittwoch", "von Montag bis Mittwoch", "Mo-Mi", "Mo. - Mi."),
        MAY_TO_JULY: ("von Mai bis Juli", "Mai bis Juli", "zwischen Mai und Juli"),
        FROM_20_TO_22: ("20. bis 22. November", "vom 20. bis zum 22.11.", "20.\N{EN DASH}22. 11.", "20.11. bis 22.11.", "vom 20. bis 22."),
        THE_26TH: ("am 26. 11.", "26. 11. 2026", "26.11.", "26. November", "am 26."),
        WEEKEND: ("am Wochenende", "letztes Wochenende"),
        Meaning("10-26 00:00", "10-27 00:00"): ("am 26. 10.", "26. 10.", "26.10.2026"),
        Meaning("10-26 21:00", "10-26 22:00"): ("am 26. 10. um 21 Uhr", "um 21 Uhr am 26. 10."),
        Meaning("23 09:00", "23 10:00"): ("zwischen 9 und 10 Uhr am Montag", "am Montag zwischen 9 und 10 Uhr", "9-10 Uhr am Montag"),
        Meaning("23 12:00", "23 13:00"): ("um 12 am Montag", "um 12 Uhr am Montag"),
        Meaning("26 21:00", "27 00:00"): ("gestern ab 21 Uhr",),
        Meaning("26 21:00", "27 15:30"): ("ab 21 Uhr", "seit gestern 21 Uhr", "ab gestern um 21 Uhr"),
        Meaning("09 00:00", "16 00:00"): ("vorletzte Woche",),
    },
    "fr": {
        THURSDAY_2147: ("21:47 jeudi", "jeudi à 21h47", "à 21h47 le 26 novembre", "hier à 21 h 47", "21h47 hier"),
        THURSDAY_21: ("à 21h jeudi", "jeudi à 21 heures", "hier à neuf heures du soir"),
        THURSDAY_EVENING: ("jeudi soir", "hier soir", "jeudi dans la soirée"),
        YESTERDAY_930: ("hier à neuf heures et demie", "9h et demie hier"),
        YESTERDAY_QUARTER_TO_TEN: ("hier à dix heures moins le quart",),
        LAST_NIGHT: ("cette nuit", "la nuit dernière"),
        LAST_24_HOURS: ("ces dernières 24 heures", "les 24 dernières heures", "au cours des dernières 24 heures", "dernières 24h"),
        LAST_3_DAYS: ("ces 3 derniers jours", "les trois derniers jours", "depuis 3 jours"),
        LAST_HOUR: ("la dernière heure", "depuis une heure"),
        LAST_WEEK: ("la semaine dernière", "il y a une semaine"),
        HOUR_AGO: ("il y a une heure", "il y a environ 1 heure"),
        HALF_AN_HOUR_AGO: ("il y a une demi-heure",),
        TWO_HOURS_AGO: ("il y a 2 heures", "il y a deux heures"),
        SINCE_MONDAY: ("depuis lundi", "à partir de lundi", "depuis le 23 novembre"),
        SINCE_LAST_WEEK: ("depuis la semaine dernière",),
        SINCE_OCTOBER: ("depuis octobre", "depuis le mois dernier"),
        SINCE_9: ("depuis 9h", "à partir de 9h"),
        FROM_9_TO_10: ("entre 9h et 10h", "de 9h à 10h", "9h-10h", "aujourd'hui de 9 à 10"),
        MONDAY_TO_WEDNESDAY: ("de lundi à mercredi", "du lundi au mercredi", "lun-mer"),
        MAY_TO_JULY: ("de mai à juillet", "entre mai et juillet"),
        FROM_20_TO_22: ("du 20 au 22 novembre", "entre le 20 et le 22 novembre", "20-22 novembre"),
        THE_26TH: ("le 26 novembre", "26 nov.", "26/11"),
        WEEKEND: ("ce week-end", "le week-end dernier"),
        Meaning("2025-01-01 00:00", "2026-01-01 00:00"): ("l'an dernier", "l'année dernière"),
    },
    "es": {
        THURSDAY_2147: ("21:47 del jueves", "jueves a las 21:47", "a las 21:47 del 26 de noviembre", "ayer a las 21:47"),
        THURSDAY_21: ("a las 21 horas del jueves", "el jueves a las 9 de la noche", "ayer a las nueve de la noche"),
        YESTERDAY_930: ("ayer a las nueve y media", "a las 9 y media del jueves"),
        YESTERDAY_QUARTER_TO_TEN: ("ayer a las diez menos cuarto",),
        LAST_NIGHT: ("anoche", "ayer por la noche", "la noche pasada", "jueves por la noche"),
        LAST_24_HOURS: ("últimas 24 horas", "en las últimas 24 horas", "las últimas 24 h", "durante las últimas 24 horas"),
        LAST_3_DAYS: ("los últimos 3 días", "en los últimos tres días"),
        LAST_HOUR: ("última hora", "en la última hora"),
        LAST_WEEK: ("la semana pasada", "hace una semana"),
        HOUR_AGO: ("hace una hora", "hace 1 hora", "una hora atrás"),
        HALF_AN_HOUR_AGO: ("hace media hora",),
        TWO_HOURS_AGO: ("hace 2 horas", "hace dos horas", "hace unas dos horas"),
        SINCE_MONDAY: ("desde el lunes", "a partir del lunes"),
        SINCE_LAST_WEEK: ("desde la semana pasada",),
        SINCE_OCTOBER: ("desde octubre", "desde el mes pasado"),
        SINCE_9: ("desde las 9", "a partir de las 9"),
        FROM_9_TO_10: ("entre las 9 y las 10", "de 9 a 10 de la mañana", "desde las 9 hasta las 10", "9h-10h"),
        MONDAY_TO_WEDNESDAY: ("de lunes a miércoles", "desde el lunes hasta el miércoles", "lun-mié"),
        MAY_TO_JULY: ("de mayo a julio", "entre mayo y julio"),
        FROM_20_TO_22: ("del 20 al 22 de noviembre", "20-22 de noviembre", "entre el 20 y el 22 de noviembre"),
        THE_26TH: ("26 de noviembre", "el 26 de noviembre de 2026", "26/11"),
        WEEKEND: ("el fin de semana pasado", "este fin de semana"),
        Meaning("26 00:00", "26 06:00"): ("ayer de madrugada", "la madrugada de ayer"),
        Meaning("27 00:00", "27 06:00"): ("esta madrugada", "la pasada madrugada", "madrugada"),
        Meaning("27 03:00", "27 04:00"): ("a las 3 de la madrugada", "hoy a las tres de la madrugada"),
        Meaning("27 13:30", "27 15:30"): ("desde hace 2 horas", "últimas dos horas"),
    },
    "pt": {
        THURSDAY_2147: ("21:47 de quinta-feira", "quinta às 21:47", "às 21h47 de ontem", "26 de novembro às 21:47"),
        THURSDAY_21: ("às 21 horas de quinta", "quinta-feira às 9 da noite", "ontem às nove da noite"),
        YESTERDAY_930: ("ontem às nove e meia", "às 9 e meia de ontem"),
        YESTERDAY_QUARTER_TO_TEN: ("ontem às quinze para as dez", "ontem às dez menos um quarto"),
        LAST_24_HOURS: ("nas últimas 24 horas", "últimas 24 horas", "as últimas 24h", "durante as últimas 24 horas"),
        LAST_3_DAYS: ("nos últimos 3 dias", "últimos três dias"),
        LAST_HOUR: ("na última hora", "última hora"),
        LAST_WEEK: ("semana passada", "na semana passada", "há uma semana"),
        HOUR_AGO: ("há uma hora", "uma hora atrás", "faz 1 hora"),
        HALF_AN_HOUR_AGO: ("há meia hora", "meia hora atrás"),
        TWO_HOURS_AGO: ("há 2 horas", "duas horas atrás"),
        SINCE_MONDAY: ("desde segunda", "a partir de segunda-feira"),
        SINCE_LAST_WEEK: ("desde a semana passada",),
        SINCE_OCTOBER: ("desde outubro", "desde o mês passado"),
        SINCE_9: ("desde as 9", "a partir das 9"),
        FROM_9_TO_10: ("entre as 9 e as 10", "das 9 às 10", "9h-10h"),
        MONDAY_TO_WEDNESDAY: ("de segunda a quarta", "de segunda-feira até quarta-feira", "seg-qua"),
        MAY_TO_JULY: ("de maio a julho", "entre maio e julho"),
        FROM_20_TO_22: ("de 20 a 22 de novembro", "20-22 de novembro"),
        THE_26TH: ("26 de novembro", "dia 26 de novembro", "26/11"),
        WEEKEND: ("no fim de semana passado", "fim de semana"),
        Meaning("26 18:00", "27 06:00"): ("ontem à noite", "quinta à noite"),
        Meaning("26 00:00", "26 06:00"): ("ontem de madrugada", "madrugada de ontem"),
        Meaning("27 00:00", "27 06:00"): ("esta madrugada", "hoje de madrugada"),
    },
    "it": {
        THURSDAY_2147: ("21:47 di giovedì", "giovedì alle 21:47", "alle 21.47 del 26 novembre", "ieri alle ore 21:47"),
        THURSDAY_21: ("alle 21 di giovedì", "giovedì alle 21", "ieri alle nove di sera"),
        THURSDAY_EVENING: ("giovedì sera", "ieri sera"),
        YESTERDAY_930: ("ieri alle nove e mezza", "alle 9 e mezza di ieri"),
        YESTERDAY_QUARTER_TO_TEN: ("ieri alle dieci meno un quarto",),
        LAST_NIGHT: ("stanotte", "la notte scorsa", "ieri notte"),
        LAST_24_HOURS: ("nelle ultime 24 ore", "ultime 24 ore", "le ultime 24h", "delle ultime 24 ore"),
        LAST_3_DAYS: ("negli ultimi 3 giorni", "gli ultimi tre giorni", "da 3 giorni"),
        LAST_HOUR: ("nell'ultima ora", "l'ultima ora", "nell\N{RIGHT SINGLE QUOTATION MARK}ultima ora", "da un'ora"),
        LAST_WEEK: ("la settimana scorsa", "scorsa settimana", "una settimana fa"),
        HOUR_AGO: ("un'ora fa", "1 ora fa"),
        HALF_AN_HOUR_AGO: ("mezz'ora fa",),
        TWO_HOURS_AGO: ("2 ore fa", "due ore fa"),
        SINCE_MONDAY: ("da lunedì", "a partire da lunedì"),
        SINCE_LAST_WEEK: ("dalla settimana scorsa", "dalla scorsa settimana"),
        SINCE_OCTOBER: ("da ottobre", "dal mese scorso"),
        SINCE_9: ("dalle 9", "a partire dalle 9", "dalle ore 9"),
        FROM_9_TO_10: ("tra le 9 e le 10", "dalle 9 alle 10", "ore 9-10"),
        MONDAY_TO_WEDNESDAY: ("da lunedì a mercoledì", "dal lunedì al mercoledì", "lun-mer"),
        MAY_TO_JULY: ("da maggio a luglio", "tra maggio e luglio"),
        FROM_20_TO_22: ("dal 20 al 22 novembre", "tra il 20 e il 22 novembre", "20-22 novembre"),
        THE_26TH: ("26 novembre", "il 26 novembre", "26/11"),
        WEEKEND: ("nel weekend", "lo scorso fine settimana"),
        Meaning("11 00:00", "12 00:00"): ("l'11 novembre", "dell'11 novembre"),
        Meaning("01 00:00", "06 00:00"): ("dall'1 al 5 novembre",),
        Meaning("27 13:00", "27 14:00"): ("all'una di oggi pomeriggio",),
        Meaning("2025-01-01 00:00", "2026-01-01 00:00"): ("l'anno scorso", "nell'anno passato"),
    },
    "nl": {
        THURSDAY_2147: ("21:47 op donderdag", "donderdag om 21:47", "gisteren om 21u47", "om 21:47 op 26 november"),
        THURSDAY_21: ("om 21 uur op donderdag", "donderdag om 21 uur", "gisteren om negen uur 's avonds"),
        THURSDAY_EVENING: ("donderdagavond", "gisteravond", "donderdag 's avonds"),
        YESTERDAY_930: ("gisteren om half tien", "half 10 op donderdag"),
        YESTERDAY_QUARTER_TO_TEN: ("gisteren om kwart voor tien",),
        LAST_NIGHT: ("vannacht", "afgelopen nacht", "gisternacht"),
        LAST_24_HOURS: ("laatste 24 uur", "de afgelopen 24 uur", "in de laatste 24 uur", "afgelopen 24u"),
        LAST_3_DAYS: ("afgelopen 3 dagen", "de laatste drie dagen"),
        LAST_HOUR: ("afgelopen uur", "het laatste uur"),
        LAST_WEEK: ("vorige week", "een week geleden", "week geleden"),
        HOUR_AGO: ("een uur geleden", "1 uur geleden"),
        HALF_AN_HOUR_AGO: ("een half uur geleden", "half uur geleden"),
        TWO_HOURS_AGO: ("2 uur geleden", "twee uur geleden"),
        SINCE_MONDAY: ("sinds maandag", "vanaf maandag"),
        SINCE_LAST_WEEK: ("sinds vorige week",),
        SINCE_OCTOBER: ("sinds oktober", "vanaf vorige maand"),
        SINCE_9: ("sinds 9 uur", "vanaf 9 uur"),
        FROM_9_TO_10: ("tussen 9 en 10 uur", "van 9 tot 10", "vanaf 9 uur tot 10 uur", "9-10 uur"),
        MONDAY_TO_WEDNESDAY: ("maandag tot en met woensdag", "van maandag tot woensdag", "ma-wo", "ma t/m wo"),
        MAY_TO_JULY: ("van mei tot juli", "tussen mei en juli"),
        FROM_20_TO_22: ("20 tot 22 november", "van 20 t/m 22 november", "20-22 nov"),
        THE_26TH: ("26 november", "op 26 november", "26e november"),
        WEEKEND: ("afgelopen weekend", "in het weekend"),
    },
    "sv": {
        THURSDAY_2147: ("21:47 i torsdags", "i torsdags kl 21:47", "igår klockan 21.47", "kl. 21.47 den 26 november"),
        THURSDAY_21: ("kl 21 i torsdags", "torsdag kl 21", "igår klockan nio på kvällen"),
        THURSDAY_EVENING: ("torsdag kväll", "torsdagskväll", "igår kväll", "i torsdags kväll"),
        YESTERDAY_930: ("igår halv tio", "halv 10 igår", "igår kl 9.30"),
        YESTERDAY_QUARTER_TO_TEN: ("igår kvart i tio",),
        LAST_NIGHT: ("i natt", "igår natt"),
        LAST_24_HOURS: ("senaste 24 timmarna", "de senaste 24 timmarna", "under de senaste 24 timmarna", "senaste 24 tim"),
        LAST_3_DAYS: ("senaste 3 dagarna", "de senaste tre dagarna"),
        LAST_HOUR: ("senaste timmen", "den senaste timmen"),
        LAST_WEEK: ("förra veckan", "för en vecka sedan"),
        HOUR_AGO: ("för en timme sedan", "en timme sedan", "timme sedan"),
        HALF_AN_HOUR_AGO: ("för en halvtimme sedan",),
        TWO_HOURS_AGO: ("för 2 timmar sedan", "två timmar sen"),
        SINCE_MONDAY: ("sedan i måndags", "från och med måndag"),
        SINCE_LAST_WEEK: ("sedan förra veckan",),
        SINCE_OCTOBER: ("sedan oktober", "sedan förra månaden"),
        SINCE_9: ("sedan kl 9", "sedan klockan 9"),
        FROM_9_TO_10: ("mellan 9 och 10", "från kl 9 till 10", "kl 9-10"),
        MONDAY_TO_WEDNESDAY: ("måndag till onsdag", "från måndag till onsdag", "mån-ons"),
        MAY_TO_JULY: ("från maj till juli", "mellan maj och juli"),
        FROM_20_TO_22: ("20 till 22 november", "den 20 till den 22 november", "20-22 nov"),
        THE_26TH: ("26 november", "den 26 november", "26/11"),
        WEEKEND: ("i helgen", "förra helgen"),
        Meaning("27 13:30", "27 15:30"): ("sedan 2 timmar", "senaste två timmarna"),
    },
    "da": {
        THURSDAY_2147: ("21:47 i torsdags", "torsdag kl. 21.47", "kl. 21.47 d. 26. november", "i går kl.21.47"),
        THURSDAY_21: ("kl. 21 i torsdags", "torsdag kl. 21", "i går klokken ni om aftenen"),
        THURSDAY_EVENING: ("torsdag aften", "i går aftes", "i aftes", "torsdagaften"),
        YESTERDAY_930: ("i går halv ti", "halv 10 i går"),
        YESTERDAY_QUARTER_TO_TEN: ("i går kvart i ti",),
        LAST_NIGHT: ("i nat", "i går nat"),
        LAST_24_HOURS: ("seneste 24 timer", "de sidste 24 timer", "inden for de seneste 24 timer", "i løbet af de sidste 24 timer"),
        LAST_3_DAYS: ("sidste 3 dage", "de seneste tre dage"),
        LAST_HOUR: ("sidste time", "den sidste time"),
        LAST_WEEK: ("sidste uge", "for en uge siden"),
        HOUR_AGO: ("for en time siden", "1 time siden"),
        HALF_AN_HOUR_AGO: ("for en halv time siden",),
        TWO_HOURS_AGO: ("for 2 timer siden", "to timer siden"),
        SINCE_MONDAY: ("siden mandag", "fra og med mandag"),
        SINCE_LAST_WEEK: ("siden sidste uge",),
        SINCE_OCTOBER: ("siden oktober", "siden sidste måned"),
        SINCE_9: ("siden kl. 9", "siden klokken 9"),
        FROM_9_TO_10: ("mellem 9 og 10", "fra kl. 9 til 10", "kl. 9-10"),
        MONDAY_TO_WEDNESDAY: ("mandag til onsdag", "fra mandag til onsdag", "man-ons"),
        MAY_TO_JULY: ("fra maj til juli", "mellem maj og juli"),
        FROM_20_TO_22: ("20. til 22. november", "fra den 20. til den 22. november", "20.-22. nov."),
        THE_26TH: ("26. november", "d. 26. november", "26. 11.", "den 26."),
        WEEKEND: ("i weekenden", "sidste weekend"),
    },
    "nb": {
        THURSDAY_2147: ("21:47 på torsdag", "torsdag kl. 21:47", "i går kl 21.47", "kl. 21.47 den 26. november"),
        THURSDAY_21: ("kl. 21 på torsdag", "torsdag kl 21", "i går klokka ni om kvelden"),
        THURSDAY_EVENING: ("torsdag kveld", "torsdagskveld", "i går kveld"),
        YESTERDAY_930: ("i går halv ti", "halv 10 i går"),
        YESTERDAY_QUARTER_TO_TEN: ("i går kvart på ti",),
        LAST_NIGHT: ("i natt", "i går natt"),
        LAST_24_HOURS: ("siste 24 timer", "de siste 24 timene", "i løpet av de siste 24 timene"),
        LAST_3_DAYS: ("siste 3 dager", "de siste tre dagene"),
        LAST_HOUR: ("siste time", "den siste timen"),
        LAST_WEEK: ("forrige uke", "for en uke siden"),
        HOUR_AGO: ("for en time siden", "1 time siden"),
        HALF_AN_HOUR_AGO: ("for en halvtime siden",),
        TWO_HOURS_AGO: ("for 2 timer siden", "to timer siden"),
        SINCE_MONDAY: ("siden mandag", "fra og med mandag"),
        SINCE_LAST_WEEK: ("siden forrige uke",),
        SINCE_OCTOBER: ("siden oktober", "siden forrige måned"),
        SINCE_9: ("siden kl. 9", "siden klokken 9"),
        FROM_9_TO_10: ("mellom 9 og 10", "fra kl. 9 til 10", "kl 9-10"),
        MONDAY_TO_WEDNESDAY: ("mandag til onsdag", "fra mandag til onsdag", "man-ons"),
        MAY_TO_JULY: ("fra mai til juli", "mellom mai og juli"),
        FROM_20_TO_22: ("20. til 22. november", "fra den 20. til den 22. november", "20.-22. nov."),
        THE_26TH: ("26. november", "den 26. november", "26. 11."),
        WEEKEND: ("i helgen", "forrige helg"),
    },
    "fi": {
        THURSDAY_2147: ("21:47 torstaina", "torstaina klo 21.47", "kello 21.47 eilen", "26. marraskuuta klo 21:47"),
        THURSDAY_21: ("klo 21 torstaina", "torstaina klo 21", "eilen kello yhdeksän illalla"),
        THURSDAY_EVENING: ("torstai-iltana", "torstaina illalla", "eilen illalla"),
        YESTERDAY_930: ("eilen puoli kymmenen", "eilen klo 9.30", "puoli 10 eilen"),
        YESTERDAY_QUARTER_TO_TEN: ("eilen varttia vaille kymmenen",),
        LAST_NIGHT: ("viime yönä", "eilen yöllä"),
        LAST_24_HOURS: ("viimeiset 24 tuntia", "viimeisen 24 tunnin aikana", "viimeisten 24 tunnin ajalta"),
        LAST_3_DAYS: ("viimeiset 3 päivää", "viimeisen kolmen päivän aikana"),
        LAST_HOUR: ("viimeinen tunti", "viimeisen tunnin aikana"),
        LAST_WEEK: ("viime viikolla", "viikko sitten"),
        HOUR_AGO: ("tunti sitten", "1 tunti sitten"),
        HALF_AN_HOUR_AGO: ("puoli tuntia sitten",),
        TWO_HOURS_AGO: ("2 tuntia sitten", "kaksi tuntia sitten"),
        SINCE_MONDAY: ("maanantaista lähtien", "maanantaista alkaen", "maanantaista asti"),
        SINCE_LAST_WEEK: ("viime viikosta lähtien",),
        SINCE_OCTOBER: ("lokakuusta lähtien", "viime kuusta alkaen"),
        SINCE_9: ("klo 9 alkaen", "klo 9 lähtien"),
        FROM_9_TO_10: ("klo 9 ja 10 välillä", "klo 9-10", "klo 9.00\N{EN DASH}10.00"),
        MONDAY_TO_WEDNESDAY: ("maanantaista keskiviikkoon", "ma-ke", "maanantaista keskiviikkoon asti"),
        MAY_TO_JULY: ("toukokuusta heinäkuuhun", "toukokuun ja heinäkuun välillä"),
        FROM_20_TO_22: ("20.\N{EN DASH}22. marraskuuta", "20.-22.11."),
        THE_26TH: ("26. marraskuuta", "26.11.", "marraskuun 26."),
        WEEKEND: ("viikonloppuna", "viime viikonloppuna"),
    },
    "pl": {
        THURSDAY_2147: ("21:47 w czwartek", "w czwartek o 21:47", "o 21:47 26 listopada", "wczoraj o godz. 21.47"),
        THURSDAY_21: ("o 21 w czwartek", "w czwartek o 21", "wczoraj o dziewiątej wieczorem", "o dwudziestej pierwszej w czwartek"),
        THURSDAY_EVENING: ("czwartek wieczorem", "w czwartek wieczorem", "wczoraj wieczorem"),
        YESTERDAY_930: ("wczoraj o wpół do dziesiątej",),
        YESTERDAY_QUARTER_TO_TEN: ("wczoraj za kwadrans dziesiąta",),
        LAST_NIGHT: ("dziś w nocy", "ostatniej nocy", "wczoraj w nocy"),
        LAST_24_HOURS: ("ostatnie 24 godziny", "w ciągu ostatnich 24 godzin", "z ostatnich 24 godzin"),
        LAST_3_DAYS: ("ostatnie 3 dni", "w ciągu ostatnich trzech dni"),
        LAST_HOUR: ("ostatnia godzina", "w ciągu ostatniej godziny"),
        LAST_WEEK: ("w zeszłym tygodniu", "tydzień temu", "w ubiegłym tygodniu"),
        HOUR_AGO: ("godzinę temu", "przed godziną", "1 godzinę temu", "około godzinę temu"),
        HALF_AN_HOUR_AGO: ("pół godziny temu",),
        TWO_HOURS_AGO: ("2 godziny temu", "przed 2 godzinami", "dwie godziny temu"),
        SINCE_MONDAY: ("od poniedziałku", "od 23 listopada"),
        SINCE_LAST_WEEK: ("od zeszłego tygodnia",),
        SINCE_OCTOBER: ("od października", "od zeszłego miesiąca"),
        SINCE_9: ("od 9:00", "od godziny 9", "od dziewiątej"),
        FROM_9_TO_10: ("między 9 a 10", "od 9 do 10", "od godziny 9 do 10", "między dziewiątą a dziesiątą"),
        MONDAY_TO_WEDNESDAY: ("od poniedziałku do środy", "pon-śr"),
        MAY_TO_JULY: ("od maja do lipca",),
        FROM_20_TO_22: ("od 20 do 22 listopada", "20-22 listopada", "między 20 a 22 listopada"),
        THE_26TH: ("26 listopada", "dnia 26 listopada", "26.11."),
        WEEKEND: ("w weekend", "w zeszły weekend"),
        Meaning("26 21:00", "27 00:00"): ("wczoraj od 21:00",),
        Meaning("26 00:00", "26 06:00"): ("wczoraj nad ranem",),
    },
    "cs": {
        THURSDAY_2147: ("21:47 ve čtvrtek", "ve čtvrtek ve 21:47", "včera v 21:47", "26. listopadu ve 21:47"),
        THURSDAY_21: ("ve 21 hodin ve čtvrtek", "ve čtvrtek v 21 hodin", "včera v devět večer"),
        THURSDAY_EVENING: ("čtvrtek večer", "ve čtvrtek večer", "včera večer"),
        YESTERDAY_930: ("včera v půl desáté", "půl desáté včera"),
        YESTERDAY_QUARTER_TO_TEN: ("včera ve tři čtvrtě na deset",),
        LAST_NIGHT: ("dnes v noci", "minulou noc", "včera v noci"),
        LAST_24_HOURS: ("posledních 24 hodin", "za posledních 24 hodin", "v posledních 24 hodinách"),
        LAST_3_DAYS: ("poslední 3 dny", "během posledních tří dnů"),
        LAST_HOUR: ("poslední hodina", "za poslední hodinu"),
        LAST_WEEK: ("minulý týden", "před týdnem"),
        HOUR_AGO: ("před hodinou", "před 1 hodinou"),
        HALF_AN_HOUR_AGO: ("před půl hodinou", "před půlhodinou"),
        TWO_HOURS_AGO: ("před 2 hodinami", "před dvěma hodinami"),
        SINCE_MONDAY: ("od pondělí", "od 23. listopadu"),
        SINCE_LAST_WEEK: ("od minulého týdne",),
        SINCE_OCTOBER: ("od října", "od minulého měsíce"),
        SINCE_9: ("od 9 hodin", "od 9:00"),
        FROM_9_TO_10: ("mezi 9 a 10", "od 9 do 10 hodin", "9-10 hodin"),
        MONDAY_TO_WEDNESDAY: ("od pondělí do středy", "po-st"),
        MAY_TO_JULY: ("od května do července",),
        FROM_20_TO_22: ("od 20. do 22. listopadu", "20.-22. listopadu", "od 20. 11. do 22. 11."),
        THE_26TH: ("26. listopadu", "dne 26. 11.", "26. 11. 2026"),
        WEEKEND: ("o víkendu", "minulý víkend"),
    },
}


def read(text: str, language: str) -> Query:
    """Read a query as in Europe, where days go before months."""
    return read_query(text, now=NOW, zone=BERLIN, language=language, country="DE")


def moment(text: str) -> datetime:
    """Return a time of November 2026, or of another month or year if that is written."""
    full = {0: "2026-11-", 1: "2026-", 2: ""}[text.count("-")] + text
    return datetime.fromisoformat(full).replace(tzinfo=BERLIN)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_phrases(language: str, subtests: pytest.Subtests) -> None:
    """Days and times are read in both orders, and no word is left over."""
    for meaning, texts in PHRASES[language].items():
        for text in texts:
            with subtests.test(text):
                query = read(text, language)
                assert query.words == ()
                assert query.span is not None
                span = (query.span.start, query.span.end)
                assert span == (moment(meaning.start), moment(meaning.end))



@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_beside_words(language: str) -> None:
    """Another word behind changes nothing."""
    for texts in PHRASES[language].values():
        for text in texts:
            query = read(f"{text} xyz", language)
            assert query.words == ("xyz",), text
            assert query.span == read(text, language).span, text
