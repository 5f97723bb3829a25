### Working through checklists.

checklist = Checkliste
steps-done = { $done } von { $all } erledigt
steps-left = noch { $count }
required = nötig
answer-pass = In Ordnung
answer-fail = Mangel
answer-na = Entfällt
answer-done = Erledigt
answer-mark-done = Als erledigt markieren
range-between = Normal { $min } bis { $max } { $unit }
range-max = Höchstens { $max } { $unit }
range-min = Mindestens { $min } { $unit }
out-above = { $by } { $unit } über dem Bereich. Miss noch einmal, oder behalte es und sag, warum.
out-below = { $by } { $unit } unter dem Bereich. Miss noch einmal, oder behalte es und sag, warum.
number-needed = Gib eine Zahl ein, zum Beispiel 12,5.
take-again = Noch einmal messen
remark = Warum ist das so?
remark-placeholder = Was du gesehen hast, in ein paar Worten
reading-kept = Gilt auch als Ablesung von { $meter }, { $tag }.
reading-kept-last = Gilt auch als Ablesung von { $meter }, { $tag }. Zuletzt { $last } { $unit }, { $day }.
reading-lower = Weniger als beim letzten Mal ({ $last } { $unit }). Sieh noch einmal hin; wenn es stimmt, bleibt es.
