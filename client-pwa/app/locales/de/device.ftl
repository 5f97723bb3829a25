### Geräte: wer an einem arbeitet, wie es gesperrt ist, und das Löschen eines verlorenen.

somebody-else = Jemand anderes
switch-person = Person wechseln
sign-in-anew = Melde dich an, um mit einem leeren Gerät zu beginnen. Was hier gesperrt ist, bleibt hier.
choose-document-title = Wer arbeitet? · MaintainPro
choose-title = Wer arbeitet?
choose-locked = Gesperrt
choose-open = Nicht gesperrt
choose-signed-out = Abgemeldet
choose-used = zuletzt hier { $when }
choose-waiting = { $count ->
    [one] 1 Änderung wartet auf das Senden
   *[other] { $count } Änderungen warten auf das Senden
 }
lock-document-title = Gesperrt · MaintainPro
lock-title = Entsperren
lock-pin = PIN
lock-open = Entsperren
lock-open-passkey = Mit dem Passkey dieses Geräts entsperren
lock-passkey-failed = Der Passkey hat dieses Gerät nicht entsperrt. Nimm die PIN.
lock-wrong = Das ist nicht die PIN. Versuche es noch einmal.
lock-wait = { $seconds ->
    [one] Zu viele falsche Versuche. Warte 1 Sekunde und versuche es dann noch einmal. Nichts geht verloren.
   *[other] Zu viele falsche Versuche. Warte { $seconds } Sekunden und versuche es dann noch einmal. Nichts geht verloren.
 }
lock-unreadable = Die Sperre dieses Geräts kann nicht gelesen werden. Lade die Seite neu und versuche es noch einmal.
lock-waiting-hint = Sie sind versiegelt. Entsperre, um sie zu senden oder zu sichern.
lock-forgotten = PIN vergessen?
lock-forgotten-text = Ohne sie kann niemand öffnen, was hier gespeichert ist. Mit einer Verbindung kannst du dich anmelden und mit einem leeren Gerät beginnen; deine Arbeit kommt vom Server zurück.
lock-forgotten-waiting = { $count ->
    [one] 1 Änderung ist nicht gesendet. Sie bleibt versiegelt hier, bis dir die PIN wieder einfällt.
   *[other] { $count } Änderungen sind nicht gesendet. Sie bleiben versiegelt hier, bis dir die PIN wieder einfällt.
 }
lock-begin-anew = Anmelden und neu beginnen
lock-device = Gerätesperre
lock-subtitle = Eine PIN für das, was dieses Gerät enthält
lock-about = Was dieses Gerät enthält, ist verschlüsselt, und nur deine PIN öffnet es, auch ohne Netz. Du gibst sie nach einem Neustart ein und wenn eine Weile niemand das Gerät benutzt hat.
lock-pin-new = Neue PIN
lock-pin-again = Noch einmal dieselbe
lock-pin-present = Jetzige PIN
lock-pin-hint = Mindestens 6 Zeichen. Mit Buchstaben und mehr Zeichen ist sie viel schwerer zu erraten.
lock-pin-short = Nimm mindestens 6 Zeichen.
lock-pin-easy = Eine Reihe von Nachbarn ist leicht zu erraten. Nimm eine andere.
lock-pin-differs = Die beiden sind nicht gleich.
lock-turn-on = Sperre einschalten
lock-is-on = Die Sperre ist eingeschaltet.
lock-not-stored = Die Sperre konnte nicht gespeichert werden. Nichts wurde geändert.
lock-sealing = Was vorher gespeichert war, wird verschlüsselt. Du kannst weiterarbeiten.
lock-opening = Was gespeichert ist, wird geöffnet. Danach kannst du die Sperre wieder einschalten.
lock-now = Jetzt sperren
lock-idle = Sperrt sich nach
lock-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
 }
lock-other-pin = PIN ändern
lock-other-pin-go = Neue PIN speichern
lock-pin-changed = Die PIN ist geändert.
lock-turn-off = Sperre ausschalten
lock-turn-off-text = Wer dieses Gerät hat, kann dann lesen, was es enthält.
lock-turn-off-go = Ausschalten
lock-is-off = Die Sperre ist ausgeschaltet.
lock-required = Deine Organisation will, dass ihre Geräte gesperrt sind.
lock-required-title = Wähle eine PIN
lock-required-text = Deine Organisation will, dass ihre Geräte gesperrt sind. Was dieses Gerät enthält, wird verschlüsselt, und deine PIN öffnet es, auch ohne Netz.
lock-passkey-add = Auch mit einem Passkey entsperren
lock-passkey-hint = Fingerabdruck, Gesicht oder die PIN dieses Geräts öffnen MaintainPro. Er gilt nur auf diesem Gerät; niemand meldet sich damit an.
lock-passkey-name = MaintainPro auf diesem Gerät
lock-passkey-there = Ein Passkey dieses Geräts entsperrt es.
lock-passkey-forget = Nur die PIN benutzen
lock-passkey-none = Dieses Gerät hat keinen Passkey angelegt, der entsperren kann. Die PIN geht wie immer.
lock-wipe-waits = Dieses Gerät soll gelöscht werden. Entsperre es, damit es vorher abgibt, was es nicht gesendet hat.
wiped-document-title = Gelöscht · MaintainPro
wiped-title = Deine Daten auf diesem Gerät wurden gelöscht
wiped-text = Du oder jemand, der deine Organisation verwaltet, wollte das. Von deiner Arbeit ist hier nichts mehr gespeichert.
wiped-handed-in = { $count ->
    [one] 1 Änderung wurde vorher abgegeben.
   *[other] { $count } Änderungen wurden vorher abgegeben.
 }
devices = Geräte
devices-hint = Ein Gerät, das gelöscht wird, gibt erst ab, was es nicht gesendet hat. Das tut es, wenn es den Server das nächste Mal erreicht.
devices-active = Zuletzt hier { $when }
devices-revoked = Niemand kann sich darauf anmelden
devices-wipe = Löschen
devices-wipe-on = { $device } löschen
devices-wipe-title = { $device } löschen?
devices-wipe-text = Wenn es den Server das nächste Mal erreicht, gibt es ab, was es nicht gesendet hat, und löscht dann alles von seiner Person.
devices-wipe-asked = Soll gelöscht werden, seit { $when }
devices-wiped = { $count ->
    [0] Gelöscht { $when }
    [one] Gelöscht { $when }, nachdem 1 Änderung abgegeben war
   *[other] Gelöscht { $when }, nachdem { $count } Änderungen abgegeben waren
 }
devices-keep = Nicht löschen
devices-keep-on = { $device } nicht löschen
devices-sign-out-on = { $device } abmelden
device-rule = Geräte müssen gesperrt sein
device-rule-no = Nein, jeder entscheidet selbst
device-rule-after = { $count ->
    [one] Ja, nach 1 Minute ohne Benutzung
   *[other] Ja, nach { $count } Minuten ohne Benutzung
 }
device-rule-hint = Geräte erfahren davon, wenn sie den Server das nächste Mal erreichen, und fragen nach einer PIN.
