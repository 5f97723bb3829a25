### Working through checklists.

checklist = Checklist
steps-done = { $done } of { $all } done
steps-left = { $count } left
required = required
answer-pass = Pass
answer-fail = Fail
answer-na = N/A
answer-done = Done
answer-mark-done = Mark as done
range-between = Normal { $min } to { $max } { $unit }
range-max = Limit { $max } { $unit }
range-min = At least { $min } { $unit }
out-above = { $by } { $unit } above range. Take it again, or keep it and say why.
out-below = { $by } { $unit } below range. Take it again, or keep it and say why.
number-needed = Enter a number, for example 12.5.
take-again = Take again
remark = Why is that?
remark-placeholder = What you saw, in a few words
reading-kept = Also kept as a reading of { $meter }, { $tag }.
reading-kept-last = Also kept as a reading of { $meter }, { $tag }. Last { $last } { $unit }, { $day }.
reading-lower = Lower than last time ({ $last } { $unit }). Look again; if it is right, it stays.
