"""What called people, callers and agents hear, in the languages that an installation may have. Pure.

What a caller hears is as true for a stranger as for somebody who was called: nobody learns from it who was.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """The sentences of one language; `code` is Twilio's name of its voice.

    `{company}` and `{number}`, the number to call back, are put in.
    """

    code: str

    # to somebody who calls one of our numbers
    who: str
    why: str
    menu: str
    one_moment: str
    noted: str
    unavailable: str

    # to somebody whom we have called
    sorry: str
    press_nine: str
    over: str

    # to both
    never_again: str
    goodbye: str

    # to the agent
    press_one: str
    not_this_line: str


_ENGLISH = Phrases(
    code="en-US",
    who="Hello. This is {company}.",
    why="You may have missed a call from us.",
    menu="To be called back, press 1. Never to be called again, press 9.",
    one_moment="One moment, please.",
    noted="Thank you. If we have called your number and still have it, we see that you wish to be called back."
    " Goodbye.",
    unavailable="Hello. This is {company}. We cannot take your call right now. Please call again later. Goodbye.",
    sorry="Hello. This was a call from {company}. We are sorry: nobody can talk to you right now."
    " You can call us back at {number}.",
    press_nine="Never to be called again, press 9 now.",
    over="The call has ended. You can reach {company} at {number}. Goodbye.",
    never_again="You will not be called again. Goodbye.",
    goodbye="Goodbye.",
    press_one="This is your line for calls. Press 1 to begin.",
    not_this_line="This line is not in use any more. Goodbye.",
)
_GERMAN = Phrases(
    code="de-DE",
    who="Guten Tag. Hier ist {company}.",
    why="Vielleicht haben Sie einen Anruf von uns verpasst.",
    menu="Wenn wir Sie zurückrufen sollen, drücken Sie die 1."
    " Wenn wir Sie nie wieder anrufen sollen, drücken Sie die 9.",
    one_moment="Einen Moment, bitte.",
    noted="Vielen Dank. Wenn wir Ihre Nummer angerufen und noch gespeichert haben, sehen wir, dass Sie einen Rückruf"
    " wünschen. Auf Wiederhören.",
    unavailable="Guten Tag. Hier ist {company}. Wir können Ihren Anruf gerade nicht annehmen. Bitte rufen Sie später"
    " noch einmal an. Auf Wiederhören.",
    sorry="Guten Tag. Das war ein Anruf von {company}. Leider kann gerade niemand mit Ihnen sprechen."
    " Sie erreichen uns unter {number}.",
    press_nine="Wenn wir Sie nie wieder anrufen sollen, drücken Sie jetzt die 9.",
    over="Das Gespräch ist beendet. Sie erreichen {company} unter {number}. Auf Wiederhören.",
    never_again="Sie werden nicht mehr angerufen. Auf Wiederhören.",
    goodbye="Auf Wiederhören.",
    press_one="Das ist Ihre Leitung für Anrufe. Drücken Sie die 1, um zu beginnen.",
    not_this_line="Diese Leitung wird nicht mehr gebraucht. Auf Wiederhören.",
)
_FRENCH = Phrases(
    code="fr-FR",
    who="Bonjour. Ici {company}.",
    why="Vous avez peut-être manqué un appel de notre part.",
    menu="Pour être rappelé, tapez 1. Pour ne plus jamais être appelé, tapez 9.",
    one_moment="Un instant, s'il vous plaît.",
    noted="Merci. Si nous avons appelé votre numéro et l'avons encore, nous voyons que vous souhaitez être rappelé."
    " Au revoir.",
    unavailable="Bonjour. Ici {company}. Nous ne pouvons pas prendre votre appel pour le moment. Veuillez rappeler plus"
    " tard. Au revoir.",
    sorry="Bonjour. C'était un appel de {company}. Nous sommes désolés : personne ne peut vous parler pour le moment."
    " Vous pouvez nous rappeler au {number}.",
    press_nine="Pour ne plus jamais être appelé, tapez 9 maintenant.",
    over="L'appel est terminé. Vous pouvez joindre {company} au {number}. Au revoir.",
    never_again="Vous ne serez plus appelé. Au revoir.",
    goodbye="Au revoir.",
    press_one="Ceci est votre ligne pour les appels. Tapez 1 pour commencer.",
    not_this_line="Cette ligne n'est plus utilisée. Au revoir.",
)
_SPANISH = Phrases(
    code="es-ES",
    who="Buenos días. Le atiende {company}.",
    why="Es posible que tenga una llamada perdida nuestra.",
    menu="Para que le devolvamos la llamada, pulse 1. Para que no le llamemos nunca más, pulse 9.",
    one_moment="Un momento, por favor.",
    noted="Gracias. Si hemos llamado a su número y aún lo tenemos, vemos que desea que le devolvamos la llamada."
    " Adiós.",
    unavailable="Buenos días. Le atiende {company}. Ahora no podemos atender su llamada. Por favor, llame más tarde."
    " Adiós.",
    sorry="Buenos días. Le ha llamado {company}. Lo sentimos: ahora nadie puede hablar con usted."
    " Puede devolvernos la llamada al {number}.",
    press_nine="Para que no le llamemos nunca más, pulse 9 ahora.",
    over="La llamada ha terminado. Puede llamar a {company} al {number}. Adiós.",
    never_again="No le llamaremos más. Adiós.",
    goodbye="Adiós.",
    press_one="Esta es su línea para las llamadas. Pulse 1 para empezar.",
    not_this_line="Esta línea ya no se utiliza. Adiós.",
)
LANGUAGES = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
