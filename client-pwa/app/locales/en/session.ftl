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
sign-in-busy = Many people are signing in. Try again in a moment.
sign-in-which-organisation = Which organisation?
sign-in-again = Sign in again
sign-in-again-hint = Your work is safe on this device. It is sent once you are back.
sign-out = Sign out
sign-out-title = Sign out of this device?
sign-out-hint = Everything is with the server. You can sign in again at any time.
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
