### Work orders.

work-order = Auftrag
work-orders = Aufträge
new-work-order = Neuer Auftrag
create-work-order = Auftrag anlegen
work-orders-search = { $count ->
    [one] Einen Auftrag durchsuchen
   *[other] { $shown } Aufträge durchsuchen
 }
work-order-missing = Nicht auf diesem Gerät
work-order-missing-text = Vielleicht ist er jetzt bei jemand anderem. Wenn du ihn erwartest, verbinde dich und sieh noch einmal nach.
status-new = Neu
status-assigned = Zugewiesen
status-in_progress = In Arbeit
status-on_hold = Wartet
status-completed = Erledigt
status-verified = Geprüft
status-closed = Geschlossen
status-cancelled = Abgesagt
priority-low = Niedrig
priority-medium = Mittel
priority-high = Hoch
priority-critical = Kritisch
work-type-corrective = Instandsetzung
work-type-preventive = Wartung
work-type-inspection = Inspektion
work-type-emergency = Notfall
work-type-safety = Sicherheit
work-type-calibration = Kalibrierung
due-over = { $time } überfällig
due-yesterday = Gestern fällig
due-days-over = { $days ->
    [one] 1 Tag überfällig
   *[other] { $days } Tage überfällig
 }
due-today = Fällig { $time }
due-tomorrow = Morgen
due-met = Pünktlich
due-late = Verspätet
asset-count = { $count ->
    [one] 1 Anlage
   *[other] { $count } Anlagen
 }
my-work = Meine Arbeit
my-work-search = Meine Arbeit durchsuchen
my-work-filter = Arbeit filtern
my-work-empty = Keine Arbeit wartet auf dich
my-work-empty-text = Wenn dir jemand einen Auftrag zuweist, erscheint er hier, mit oder ohne Netz.
filter-all = Alle
filter-overdue = Überfällig
filter-running = In Arbeit
filter-preventive = Wartung
filter-high = Ab hoch
group-overdue = Überfällig
group-today = Heute
group-upcoming = Demnächst
group-unscheduled = Noch ohne Termin
timer-running = Zeit läuft
timer-start = Zeit starten
timer-pause = Pause
timer-of = { $name } arbeitet gerade daran.
time-total = { $time } insgesamt
time-of-planned = von { $time } geplant
view-open = Offen
view-overdue = Überfällig
view-mine = Meine
view-unassigned = Ohne Person
view-conflicts = Zwei Fassungen
view-done = Erledigt
view-all = Alle
show-all-found = { $count ->
    [one] 1 in allen Aufträgen zeigen
   *[other] { $count } in allen Aufträgen zeigen
 }
any-type = Jede Art
any-priority = Jede Priorität
column-number = Nummer
column-hours = Stunden
field-title = Titel
field-type = Art
field-priority = Priorität
field-status = Status
field-asset = Anlage
field-due = Fällig
field-planned-start = Geplanter Beginn
field-estimate = Schätzung
field-estimate-minutes = Schätzung, Minuten
field-location = Ort
field-assignees = Zugewiesen an
field-answer = diese Antwort
field-other = dieses Feld
edit-title = Titel ändern
description = Beschreibung
description-placeholder = Was sollten andere wissen?
resolution = Was gemacht wurde
resolution-placeholder = Ursache, Reparatur, worauf nächstes Mal zu achten ist
title-placeholder = Was ist zu tun?
title-needed = Sag in ein paar Worten, was zu tun ist.
title-too-long = Das ist zu lang für einen Titel. Schreib den Rest in die Beschreibung.
choose-asset = Anlage wählen
no-asset = Keine Anlage
no-checklist = Keine Checkliste
checklist-steps = { $count ->
    [one] 1 Schritt
   *[other] { $count } Schritte
 }
assign-to-me = Mir zuweisen
assign = Zuweisen
assign-to = Zuweisen an
nobody-yet = Noch niemand
next-step = Nächster Schritt
more-actions = Weitere Schritte
delete-order = Auftrag löschen
delete-order-title = { $number } löschen?
delete-order-text = Er verschwindet von allen Geräten. Was andere eingegeben und noch nicht gesendet haben, bleibt bei ihnen und braucht sie dort. Zurückholen kann ihn nur, wer den Server betreibt.
delete-order-done = Auftrag gelöscht
delete-order-not = Nicht gelöscht. Dafür braucht es eine Verbindung und das Recht dazu.
nothing-to-do-here = Hier ist nichts mehr zu tun.
step-start = Arbeit beginnen
step-resume = Weiterarbeiten
step-hold = Pausieren
step-complete = Abschließen
step-verify = Prüfen
step-close = Auftrag schließen
step-reopen = Wieder öffnen
step-cancel = Auftrag absagen
step-assigned = Als zugewiesen markieren
step-unassign = Zurück auf neu
reason = Grund
labour = Stunden
add-labour = Stunden eintragen
hours = Stunden
minutes = Minuten
labour-note = Was getan wurde
notes = Notizen
write-note = Notiz schreiben
add-note = Notiz hinzufügen
history-line = { $name }: { $status }
history-superseded = Behalten, aber etwas anderes geschah zuerst.
notice-checklist-incomplete = Von { $name } erledigt, während Pflichtschritte offen waren. Die Arbeit läuft wieder.
notice-self-verified = { $name } hat diese Arbeit erledigt und selbst geprüft. Jemand anderes muss prüfen.
notice-impossible-step = Ein Schritt von { $name } kam zu spät. Er bleibt im Verlauf und hat nichts geändert.
notice-inactive-assignee = { $name } arbeitet nicht mehr hier und wurde von dieser Arbeit genommen.
notice-settle = Erledigt
parts-used = Verbrauchte Teile
no-parts-used = Noch keine Teile
add-part = Teil hinzufügen
costs = Kosten
cost-parts = Teile und Material
cost-services = Leistungen
cost-other = Sonstiges
field-failure = Ausfall
field-downtime = Ausfallzeit
field-requester = Angefragt von
field-down-since = Steht seit
field-up-again = Läuft wieder seit
failure-mode = Ausfallart
failure-mechanism = Ausfallmechanismus
failure-cause = Ausfallursache
failure-detection = Entdeckt durch
failure-impact = Auswirkung
