### The live board.

live-board = Live-Tafel
board-live = Live
board-as-of = Stand { $time }
board-search = Arbeit oder Anlage finden
board-views = Ansichten
board-everyone = Alle
board-at-risk = Knapp
board-open = offen
board-by-status = Aufträge nach Status
board-verified = Geprüft, { $count }, Spalte zeigen
move-work-order = { $number } verschieben
assign-work-order = { $number } zuweisen
assigned-work-order = { $number } zuweisen, jetzt { $name }
move-not-possible = Von { $from } geht es nicht zu { $to }.
load = Wer wie viel zu tun hat
load-open = { $count } offen
load-free = Nichts in Arbeit
activity = Geschehen
activity-pause = Anhalten
activity-resume = Fortsetzen
activity-empty = Was geschieht, erscheint hier.
happened-arrived = ist neu
happened-assigned = zugewiesen an { $name }
happened-note = hat eine neue Notiz
happened-settled = Fassung gewählt
happened-changed = geändert
