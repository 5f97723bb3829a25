### Signing in and out.

sign-in = Sign in
sign-in-document-title = Sign in · MaintainPro
email = Email
password = Password
show-characters = Show characters
online = Online
offline = Offline
sign-in-waiting = { $count ->
    [one] 1 change is waiting on this device.
   *[other] { $count } changes are waiting on this device.
 }
sign-in-waiting-whose = They belong to { $name } and will be sent after the next sign-in.
sign-in-about = About
sign-in-lead = The job goes on when the signal goes.
sign-in-promise = Everything you record is saved on your device first, then sent when it can be.
sign-in-both = Enter your email and your password.
sign-in-mismatch = That email and password do not match. Check both and try again.
sign-in-unreachable = The server is out of reach. Signing in needs a connection once; after that you can work offline.
sign-in-throttled = There were many attempts. Wait a few minutes, then try again.
sign-in-suspended = This organisation is suspended. Ask whoever runs the server; what is on your devices is kept.
sign-in-busy = Many people are signing in. Try again in a moment.
sign-in-which-organisation = Which organisation?
sign-in-again = Sign in again
sign-in-again-hint = Your work is safe on this device. It is sent once you are back.
sign-out = Sign out
sign-out-title = Sign out of this device?
sign-out-hint = Everything is with the server. What is stored here is erased; signing in again needs a connection.
sign-out-unsent = { $count ->
    [one] 1 change is not sent yet.
   *[other] { $count } changes are not sent yet.
 }
sign-out-unsent-hint = They stay on this device and are sent when you sign in here again.
stay-signed-in = Stay signed in
sessions = Signed-in devices
sessions-subtitle = Where your account is open
sessions-here = This device
sessions-used = Last used { $when }
sessions-since = Signed in { $when }
sessions-end-on = Sign out on { $device }
sessions-hint = What was not sent from a device stays there when it is signed out. It is sent when you sign in there again.
sessions-end-others = Sign out everywhere else
sessions-end-others-title = Sign out everywhere else?
sessions-end-others-text = Your other devices ask for your password again. What was not sent from them stays there and is sent afterwards.
sessions-unreachable = This list needs a connection
forgotten = Forgot your password?
forgotten-text = Enter your email. We send you a link to choose a new password.
forgotten-go = Send the link
forgotten-sent-title = Look into your inbox
forgotten-sent = If { $email } belongs to an account, a link is on its way. It works for an hour.
forgotten-no-email = This server sends no emails. Ask whoever administers your organisation for a link.
join-document-title = Choose a password · MaintainPro
join-title = Welcome, { $name }
join-text = { $organisation } has made an account for you. Choose a password; you sign in with { $email }.
reset-title = A new password
reset-text = Choose a new password for { $email }. Your other devices are signed out; what they have not sent stays on them.
join-password = New password
join-hint = Four words that have nothing to do with each other are easy to remember and hard to guess.
join-strong = Hard to guess.
join-weak = This password is too easy to guess.
join-go = Save and sign in
join-no-link = This link opens nothing
join-expired = It was used already, or is too old. Ask for a new one.
join-unreachable = The server is out of reach. Try again when you have a connection.
join-device-revoked = This device was signed out for good. Use another one, or ask whoever administers your organisation.
weak-short = Too short.
weak-common = Many people have this password, or one close to it.
weak-word = A single word or name is easy to guess.
weak-pattern = Keys in a row and repetitions are easy to guess.
weak-date = Dates and years are easy to guess.
weak-known = Your name, email and organisation are easy to guess.
