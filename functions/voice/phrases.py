"""What a caller hears who calls back, in the languages that an installation may have. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """The sentences of one language; `code` is Twilio's name of its voice. `{company}` and `{reason}` are put in."""

    code: str
    who: str
    why: str
    menu: str
    one_moment: str
    noted: str
    never_again: str
    goodbye: str


_ENGLISH = Phrases(
    "en-US",
    "Hello. This is {company}.",
    "We tried to reach you.",
    "To be called back, press 1. Never to be called again, press 9.",
    "One moment, please.",
    "Thank you. Goodbye.",
    "You will not be called again. Goodbye.",
    "Goodbye.",
)
_GERMAN = Phrases(
    "de-DE",
    "Guten Tag. Hier ist {company}.",
    "Wir haben versucht, Sie zu erreichen.",
    "Wenn wir Sie zurückrufen sollen, drücken Sie die 1. Wenn wir Sie nie wieder anrufen sollen, drücken Sie die 9.",
    "Einen Moment, bitte.",
    "Vielen Dank. Auf Wiederhören.",
    "Sie werden nicht mehr angerufen. Auf Wiederhören.",
    "Auf Wiederhören.",
)
_FRENCH = Phrases(
    "fr-FR",
    "Bonjour. Ici {company}.",
    "Nous avons essayé de vous joindre.",
    "Pour être rappelé, tapez 1. Pour ne plus jamais être appelé, tapez 9.",
    "Un instant, s'il vous plaît.",
    "Merci. Au revoir.",
    "Vous ne serez plus appelé. Au revoir.",
    "Au revoir.",
)
_SPANISH = Phrases(
    "es-ES",
    "Buenos días. Le atiende {company}.",
    "Hemos intentado hablar con usted.",
    "Para que le devolvamos la llamada, pulse 1. Para que no le llamemos nunca más, pulse 9.",
    "Un momento, por favor.",
    "Gracias. Adiós.",
    "No le llamaremos más. Adiós.",
    "Adiós.",
)
LANGUAGES = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
