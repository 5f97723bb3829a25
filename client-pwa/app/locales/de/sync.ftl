### Sending, and what this device holds.

sync-accepted = Alle Änderungen gespeichert
sync-offline = Offline · alles ist gesendet
sync-offline-saved = { $count ->
    [one] 1 Änderung auf diesem Gerät gespeichert
   *[other] { $count } Änderungen auf diesem Gerät gespeichert
 }
sync-connecting = Verbindet…
sync-sending = { $count ->
    [one] Sendet 1 Änderung…
   *[other] Sendet { $count } Änderungen…
 }
sync-loading = Lädt deine Arbeit, { $done } von { $total }
sync-loading-some = Lädt deine Arbeit
sync-signed-out = { $count ->
    [0] Melde dich an, um Neues zu bekommen
    [one] Melde dich an, um 1 Änderung zu senden
   *[other] Melde dich an, um { $count } Änderungen zu senden
 }
sync-held = { $count ->
    [one] Deiner Leitung übergeben: 1 Änderung
   *[other] Deiner Leitung übergeben: { $count } Änderungen
 }
sync-attention = { $count ->
    [one] 1 Änderung braucht dich
   *[other] { $count } Änderungen brauchen dich
 }
sync-trouble = Dieses Gerät kann gerade nicht speichern
sync-trouble-quota = Es ist voll. Schaffe Platz oder exportiere jetzt, was noch nicht gesendet ist.
sync-trouble-unavailable = Der Browser lehnt ab. Exportiere jetzt, was noch nicht gesendet ist, und lade dann neu.
sync-trouble-locked = Deine Daten auf diesem Gerät wurden in einem anderen Tab gesperrt, und was du in diesem geschrieben hast, ist nicht gespeichert. Exportiere es jetzt, lade dann neu und entsperre.
sync-trouble-no-engine = Der Teil der App, der speichert und sendet, startet nicht. Schließe andere Tabs dieser App. Hilft das nicht, sichere alle gespeicherte Arbeit als Datei und lade neu.
sync-recovery = Alle gespeicherte Arbeit als Datei sichern
sync-unreadable = Eine Änderung, die diese Version nicht lesen kann
sync-unreadable-text = Sie bleibt auf diesem Gerät, bis eine Version sie lesen kann. Exportiere sie sicherheitshalber.
sync-unreadable-chip = Unlesbar
sync-panel-title = Senden und Speicher
sync-panel-live = Verbunden. Änderungen gehen sofort hinaus.
sync-panel-loading = Verbunden. Was zu dir gehört, wird geladen.
sync-panel-connecting = Verbindung wird aufgebaut. Deine Arbeit ist auf diesem Gerät sicher.
sync-panel-safe = Gerade keine Verbindung. Deine Arbeit ist sicher auf diesem Gerät.
sync-changes = Änderungen von diesem Gerät
sync-more-changes = { $count ->
    [one] und eine weitere Änderung auf diesem Gerät
   *[other] und { $count } weitere Änderungen auf diesem Gerät
}
sync-no-changes = Was du änderst, erscheint hier.
sync-on-device = Auf diesem Gerät
sync-used = { $used } von { $quota }
sync-kept = Bleibt, wenn der Browser Platz schafft
not-promised = Nicht zugesagt
sync-last-contact = Letzter Kontakt mit dem Server
sync-compared = Zuletzt mit dem Server verglichen
sync-compare = Jetzt vergleichen
sync-never = Noch nie
sync-export = { $count ->
    [0] Nichts zu exportieren
    [one] 1 exportieren
   *[other] { $count } exportieren
 }
sync-retry-all = Alle erneut senden
sync-now = Jetzt abgleichen
sync-try-again = Erneut versuchen
sync-discard = Verwerfen …
sync-discard-title = Diese Änderung verwerfen?
sync-discard-text = Zuerst wird eine Kopie von allem Ungesendeten als Datei gespeichert. Dann verlässt diese Änderung das Gerät.
sync-copy-and-discard = Kopie sichern und verwerfen
sync-difference = Du hast { $mine }, der Server hat { $server }.
inbox = Übergebene Änderungen
inbox-subtitle = Von Leuten, die sich nicht mehr anmelden können
inbox-empty = Nichts wartet auf dich
inbox-empty-text = Verliert jemand offline den Zugang, wartet hier, was getan wurde.
inbox-accept = Annehmen
inbox-decline = Ablehnen
inbox-unreachable = Diese Liste braucht eine Verbindung
inbox-earlier-first = Eine frühere Änderung dieses Geräts wartet. Entscheide zuerst über sie.
inbox-decided = Darüber hat schon jemand entschieden.
inbox-not-permitted = Das darfst du nicht.
inbox-does-not-fit = Das passt nicht mehr, und nichts wurde geändert.
saved-here = Hier gespeichert
saved-on-device = Auf diesem Gerät gespeichert
saving = Speichert
not-saved-yet = Noch nicht gespeichert
sending = Sendet
held = Übergeben
accepted = Angenommen
all-accepted = Alle Änderungen gespeichert
needs-attention = Braucht dich
changes-saved-here = { $count ->
    [one] 1 Änderung auf diesem Gerät gespeichert
   *[other] { $count } Änderungen auf diesem Gerät gespeichert
 }
two-versions = Zwei Fassungen
two-versions-of = Zwei Fassungen: { $field }
two-versions-kept = Beide bleiben, bis jemand wählt.
keep-version = { $value } behalten
use-version = { $value } nehmen
version-by-you = du auf { $device }, { $at }
version-by = { $name } auf { $device }, { $at }
version-by-device = auf { $device }, { $at }
a-whole-item = Ein ganzer Eintrag
command-other = Änderung
command-work_order-create = Neuer Auftrag
command-work_order-edit = Auftrag geändert
command-work_order-assign = Leute zugewiesen
command-work_order-change_status = Status geändert
command-work_order-attach_checklist = Checkliste hinzugefügt
command-work_order-answer = Checkliste beantwortet
command-work_order-use_part = Teil verbraucht
command-work_order-start_timer = Zeit gestartet
command-work_order-stop_timer = Zeit gestoppt
command-labour_entry-add = Stunden eingetragen
command-comment-add = Notiz hinzugefügt
command-meter_reading-add = Zähler abgelesen
command-asset-edit = Anlage geändert
command-conflict-settle = Fassung gewählt
command-asset-create = Neue Anlage
command-asset-move = Anlage versetzt
command-part-create = Neues Teil
command-part-edit = Teil geändert
command-stock_movement-receive = Zugang gebucht
command-stock_movement-count = Bestand gezählt
sync-wiping = Dieses Gerät soll gelöscht werden. Erst gibt es ab, was es nicht gesendet hat.
