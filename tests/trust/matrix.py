"""Who gets what: one row for every operation of the site, one line for every state its object can be in.

Columns of `TABLE` (of the shop's API: `key other_key no_scope revoked no_key session`):

    visitor  author  other  maker  moderator  manager  admin  banned

`author` opened the thread, wrote the reply, owns the profile; `maker` made the item that the thread is about; `banned`
still has a session from before. One word in place of eight holds for everybody; `login` leads to the sign-in page.

States: `locked`, `deleted` and `hidden` speak of the reply where the address names a post, else of the thread;
`private` lies in a category for makers, `closed` belongs to a shop or member that is closed, `other` to another shop.
"""

from dataclasses import dataclass, field

from tests.trust.endpoints import Endpoint
from tests.trust.world import KEYS, ROLES

_GONE = {"open", "deleted", "hidden", "private", "missing"}
# What a row has to tell of, by what its address names.
STATES: dict[str, set[str]] = {
    "thread_id": _GONE,
    "post_id": _GONE,
    "revision_id": _GONE,
    "name": _GONE | {"item", "item_closed", "home", "home_else", "feed", "feed_else", "member"},
    "item_id": {"open", "withdrawn", "closed", "missing"},
    "category": {"open", "private", "missing"},
    "creator": {"open", "closed", "missing"},
    "handle": {"open", "closed", "missing"},
    "blocked_handle": {"open", "missing"},
    "tag": {"open", "missing"},
    "map_number": {"open", "missing"},
    "path": {"open", "missing"},
    "member_id": {"open", "missing"},
    "shop_id": {"open", "missing"},
    "creator_id": {"open", "missing"},
    "external_id": {"own", "other", "missing"},
    "notice_id": {"open", "missing"},
    "token": {"open", "missing"},
    "device_id": {"open", "missing"},
    "version": {"open"},
}

# Answered before Django: path -> statuses it may have.
DOORS = {"/healthz": {200}, "/readyz": {200, 503}, "/metrics": {404}}

TABLE = """
# --- live ----------------------------------------------------------------------------------------------------

GET /live/streams/<str:name>/events
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    item         200
    item_closed  404
    home         200
    home_else    404
    feed         404 200 200 200 200 200 200 404
    feed_else    404
    member       404 200 404 404 404 404 404 404
    missing      404
POST /live/streams/<str:name>/events
    open         405

# --- the site as an app --------------------------------------------------------------------------------------

GET /sw.js
    -            200
POST /sw.js
    -            405
GET /manifest.webmanifest
    -            200
POST /manifest.webmanifest
    -            405
GET /offline/
    -            200
POST /offline/
    -            405

# --- home ----------------------------------------------------------------------------------------------------

GET /
    -            200
POST /
    -            405
GET /about/
    -            200
POST /about/
    -            405
GET /keys/
    -            200
POST /keys/
    -            405
GET /feed/
    -            login 200 200 200 200 200 200 login
POST /feed/
    -            405
GET /feed/news/
    -            login 200 200 200 200 200 200 login
POST /feed/news/
    -            405
GET /items/
    -            200
POST /items/
    -            405
GET /items/<int:item_id>/
    open         302
    withdrawn    302
    closed       404 404 404 404 404 302 302 404
    missing      404
POST /items/<int:item_id>/
    open         405
GET /items/<int:item_id>/<str:slug>/
    open         200
    withdrawn    200
    closed       404 404 404 404 404 200 200 404
    missing      404
POST /items/<int:item_id>/<str:slug>/
    open         405
GET /creators/
    -            200
POST /creators/
    -            405
GET /creators/<str:slug>/
    open         200
    closed       404 404 404 404 404 200 200 404
    missing      404
POST /creators/<str:slug>/
    open         405
GET /members/<str:handle>/
    open         200
    closed       404 404 404 404 200 200 200 404
    missing      404
POST /members/<str:handle>/
    open         405
GET /members/<str:handle>/card/
    open         200
    closed       404 404 404 404 200 200 200 404
    missing      404
POST /members/<str:handle>/card/
    open         405
GET /tags/
    -            200
POST /tags/
    -            405
GET /tags/<str:slug>/
    open         200
    missing      404
POST /tags/<str:slug>/
    open         405
GET /threads/feed/
    -            200
POST /threads/feed/
    -            405
GET /threads/in/<slug:slug>/feed/
    open         200
    private      404
    missing      404
POST /threads/in/<slug:slug>/feed/
    open         405
GET /threads/<int:thread_id>/feed/
    open         200
    deleted      404
    hidden       404
    private      404
    missing      404
POST /threads/<int:thread_id>/feed/
    open         405
GET /items/<int:item_id>/talk/feed/
    open         200
    withdrawn    200
    closed       404
    missing      404
POST /items/<int:item_id>/talk/feed/
    open         405
GET /creators/<str:slug>/feed/
    open         200
    closed       404
    missing      404
POST /creators/<str:slug>/feed/
    open         405
GET /tags/<str:slug>/feed/
    open         200
    missing      404
POST /tags/<str:slug>/feed/
    open         405
GET /sitemap.xml
    -            200
POST /sitemap.xml
    -            405
GET /sitemap-pages.xml
    -            200
POST /sitemap-pages.xml
    -            405
GET /sitemap-<slug:kind>-<int:number>.xml
    open         200
    missing      404
POST /sitemap-<slug:kind>-<int:number>.xml
    open         405
GET /robots.txt
    -            200
POST /robots.txt
    -            405
GET /media/<path:path>
    open         200
    missing      404
POST /media/<path:path>
    open         405

# --- search --------------------------------------------------------------------------------------------------

GET /search/
    -            200
POST /search/
    -            405
GET /search/suggest/
    -            200
POST /search/suggest/
    -            405
GET /search/lookups/
    -            login 403 403 403 403 200 200 login
POST /search/lookups/
    -            405
GET /api/v1/search
    -            200

# --- threads -------------------------------------------------------------------------------------------------

GET /threads/
    -            200
POST /threads/
    -            405
GET /threads/in/<slug:slug>/
    open         200
    private      404 404 404 200 200 200 200 404
    missing      404
POST /threads/in/<slug:slug>/
    open         405
GET /threads/new/
    -            login 200 200 200 200 200 200 login
POST /threads/new/
    open         403 302 302 302 302 302 302 403
    private      403 422 422 302 302 302 302 403
GET /threads/preview/
    -            405
POST /threads/preview/
    -            403 200 200 200 200 200 200 403
GET /threads/pictures/
    -            405
POST /threads/pictures/
    -            403 201 201 201 201 201 201 403
GET /threads/news/
    -            200
POST /threads/news/
    -            405
GET /threads/view/
    -            405
POST /threads/view/
    -            403 302 302 302 302 302 302 403
GET /threads/read/
    -            405
POST /threads/read/
    -            403 302 302 302 302 302 302 403
GET /threads/read/all/
    -            405
POST /threads/read/all/
    -            403 302 302 302 302 302 302 403
GET /threads/read/undo/
    -            405
POST /threads/read/undo/
    -            403 302 302 302 302 302 302 403
GET /drafts/
    -            login 200 200 200 200 200 200 login
POST /drafts/
    -            405
GET /drafts/save/
    -            405
POST /drafts/save/
    -            403 200 200 200 200 200 200 403
GET /drafts/discard/
    -            405
POST /drafts/discard/
    -            403 404 404 404 404 404 404 403
GET /drafts/restore/
    -            405
POST /drafts/restore/
    -            403 404 404 404 404 404 404 403
GET /threads/<int:thread_id>/
    open         302
    deleted      404 302 404 404 302 302 302 404
    hidden       404 302 404 404 302 302 302 404
    private      404 404 404 302 302 302 302 404
    missing      404
POST /threads/<int:thread_id>/
    open         405
GET /threads/<int:thread_id>/<str:slug>/
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /threads/<int:thread_id>/<str:slug>/
    open         405
GET /threads/<int:thread_id>/reply/
    open         login 200 200 200 200 200 200 login
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /threads/<int:thread_id>/reply/
    open         403 302 302 302 302 302 302 403
    locked       403 403 403 403 302 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 302 302 302 302 404
    missing      404
GET /threads/<int:thread_id>/manage/
    open         403 403 403 403 200 200 200 403
    deleted      404 403 404 404 200 200 200 404
    hidden       404 403 404 404 200 200 200 404
    private      404 404 404 403 200 200 200 404
    missing      404
POST /threads/<int:thread_id>/manage/
    open         403 403 403 403 302 302 302 403
    locked       403 403 403 403 302 302 302 403
    deleted      404 403 404 404 302 302 302 404
    hidden       404 403 404 404 302 302 302 404
    private      404 404 404 403 302 302 302 404
    missing      404
GET /threads/<int:thread_id>/unaccept/
    open         405
POST /threads/<int:thread_id>/unaccept/
    open         403 302 403 302 403 302 302 403
    locked       403 302 403 302 403 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 302 403 302 302 404
    missing      404

# One's own; what is kept can be let go of whatever became of it, and removing it is the same address.
GET /bookmarks/
    -            login 200 200 200 200 200 200 login
POST /bookmarks/
    -            405
GET /bookmarks/marks/
    -            200
POST /bookmarks/marks/
    -            405
GET /bookmarks/<slug:kind>/<int:target_id>/
    open         login 200 200 200 200 200 200 login
    deleted      login 200 404 404 200 200 200 login
    hidden       login 200 404 404 200 200 200 login
    private      login 404 404 200 200 200 200 login
    missing      login 404 404 404 404 404 404 login
POST /bookmarks/<slug:kind>/<int:target_id>/
    open         login 302 302 302 302 302 302 login
    locked       login 302 302 302 302 302 302 login
    deleted      login 302 404 404 302 302 302 login
    hidden       login 302 404 404 302 302 302 login
    private      login 404 404 302 302 302 302 login
    missing      login 404 404 404 404 404 404 login

# --- posts ---------------------------------------------------------------------------------------------------

GET /posts/<int:post_id>/
    open         302
    deleted      404 302 404 404 302 302 302 404
    hidden       404 302 404 404 302 302 302 404
    private      404 404 404 302 302 302 302 404
    missing      404
POST /posts/<int:post_id>/
    open         405
GET /posts/<int:post_id>/fragment/
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /posts/<int:post_id>/fragment/
    open         405
GET /posts/<int:post_id>/history/
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /posts/<int:post_id>/history/
    open         405
GET /posts/<int:post_id>/edit/
    open         403 200 403 403 200 200 200 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 403 200 200 200 404
    missing      404
POST /posts/<int:post_id>/edit/
    open         403 302 403 403 302 302 302 403
    locked       403 403 403 403 302 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 403 302 302 302 404
    missing      404
GET /posts/<int:post_id>/delete/
    open         403 200 403 403 200 200 200 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 403 200 200 200 404
    missing      404
POST /posts/<int:post_id>/delete/
    open         403 302 403 403 302 302 302 403
    locked       403 403 403 403 302 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 403 302 302 302 404
    missing      404
GET /posts/<int:post_id>/restore/
    open         405
POST /posts/<int:post_id>/restore/
    open         403
    locked       403
    deleted      404 302 404 404 302 302 302 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 403 403 403 403 404
    missing      404
GET /posts/<int:post_id>/react/
    open         405
POST /posts/<int:post_id>/react/
    open         403 403 302 302 302 302 302 403
    locked       403 403 302 302 302 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 302 302 302 302 404
    missing      404
GET /posts/<int:post_id>/accept/
    open         405
POST /posts/<int:post_id>/accept/
    open         403 302 403 302 403 302 302 403
    locked       403 302 403 302 403 302 302 403
    deleted      404 403 404 404 403 403 403 404
    hidden       404 403 404 404 403 403 403 404
    private      404 404 404 302 403 302 302 404
    missing      404
GET /revisions/<int:revision_id>/hide/
    open         405
POST /revisions/<int:revision_id>/hide/
    open         403 403 403 403 302 302 302 403
    locked       403 403 403 403 302 302 302 403
    deleted      404 403 404 404 302 302 302 404
    hidden       404 403 404 404 302 302 302 404
    private      404 404 404 403 302 302 302 404
    missing      404

# --- the door and one's own settings -------------------------------------------------------------------------

GET /accounts/login/
    -            200 302 302 302 302 302 302 200
POST /accounts/login/
    -            302
GET /accounts/login/code/
    -            200 302 302 302 302 302 302 200
POST /accounts/login/code/
    -            login 302 302 302 302 302 302 login
GET /accounts/login/code/confirm/
    -            login 302 302 302 302 302 302 login
POST /accounts/login/code/confirm/
    -            login 302 302 302 302 302 302 login
GET /accounts/signup/
    -            200 302 302 302 302 302 302 200
POST /accounts/signup/
    -            302
GET /accounts/signup/again/
    -            405
POST /accounts/signup/again/
    -            302
GET /accounts/confirm-email/
    -            login 302 302 302 302 302 302 login
POST /accounts/confirm-email/
    -            login 302 302 302 302 302 302 login
GET /accounts/logout/
    -            302 200 200 200 200 200 200 302
POST /accounts/logout/
    -            302
GET /accounts/inactive/
    -            200
POST /accounts/inactive/
    -            405
GET /accounts/login/second-step/
    -            login 302 302 302 302 302 302 login
POST /accounts/login/second-step/
    -            login 302 302 302 302 302 302 login
GET /accounts/login/passkey/
    -            login 302 302 302 302 302 302 login
POST /accounts/login/passkey/
    -            login 302 302 302 302 302 302 login
GET /accounts/confirm/
    -            login 200 200 200 200 200 200 login
POST /accounts/confirm/
    -            login 200 200 200 200 200 200 login
GET /accounts/email/back/<str:key>/
    open         404
POST /accounts/email/back/<str:key>/
    open         404
GET /accounts/email/
    -            login 302 302 302 302 302 302 login
POST /accounts/email/
    -            login 302 302 302 302 302 302 login
GET /accounts/password/change/
    -            login 200 200 200 200 200 200 login
POST /accounts/password/change/
    -            login 302 302 302 302 302 302 login
GET /accounts/password/set/
    -            login 302 302 302 302 302 302 login
POST /accounts/password/set/
    -            login 302 302 302 302 302 302 login
GET /accounts/password/reset/
    -            200
POST /accounts/password/reset/
    -            302
GET /accounts/password/reset/confirm/
    -            login
POST /accounts/password/reset/confirm/
    -            login
GET /accounts/password/reset/complete/
    -            302
POST /accounts/password/reset/complete/
    -            302
GET /accounts/password/reset/done/
    -            200
POST /accounts/password/reset/done/
    -            405
GET /settings/profile/
    -            login 200 200 200 200 200 200 login
POST /settings/profile/
    -            login 302 302 302 302 302 302 login
GET /settings/sessions/
    -            login 200 200 200 200 200 200 login
POST /settings/sessions/
    -            login 302 302 302 302 302 302 login
GET /settings/security/
    -            login 200 200 200 200 200 200 login
POST /settings/security/
    -            login 405 405 405 405 405 405 login
GET /settings/security/app/
    -            login 302 302 302 302 302 302 login
POST /settings/security/app/
    -            login 302 302 302 302 302 302 login
GET /settings/security/app/remove/
    -            login 302 302 302 302 302 302 login
POST /settings/security/app/remove/
    -            login 302 302 302 302 302 302 login
GET /settings/security/passkeys/add/
    -            login 302 302 302 302 302 302 login
POST /settings/security/passkeys/add/
    -            login 302 302 302 302 302 302 login
GET /settings/security/passkeys/<int:pk>/remove/
    open         login 302 302 302 302 302 302 login
POST /settings/security/passkeys/<int:pk>/remove/
    open         login 302 302 302 302 302 302 login
GET /settings/security/codes/
    -            login 302 302 302 302 302 302 login
POST /settings/security/codes/
    -            login 302 302 302 302 302 302 login
GET /settings/security/codes/new/
    -            login 302 302 302 302 302 302 login
POST /settings/security/codes/new/
    -            login 302 302 302 302 302 302 login
GET /settings/level/
    -            login 200 200 200 200 200 200 login
POST /settings/level/
    -            login 405 405 405 405 405 405 login
# Staff are in no block. Of a block only who began it can take it back.
GET /settings/blocked/
    -            login 200 200 200 200 200 200 login
POST /settings/blocked/
    -            login 405 405 405 405 405 405 login
GET /settings/blocked/<str:handle>/
    open         login 403 200 200 403 403 403 login
    closed       login 404 404 404 403 403 403 login
    missing      login 404 404 404 404 404 404 login
POST /settings/blocked/<str:handle>/
    open         login 403 302 302 403 403 403 login
    closed       login 404 404 404 403 403 403 login
    missing      login 404 404 404 404 404 404 login
GET /settings/blocked/<str:handle>/remove/
    open         login 405 405 405 405 405 405 login
    missing      login 405 405 405 405 405 405 login
POST /settings/blocked/<str:handle>/remove/
    open         login 302 302 302 404 404 404 login
    missing      login 404 404 404 404 404 404 login
GET /about/terms/
    -            200
POST /about/terms/
    -            405
GET /about/privacy/
    -            200
POST /about/privacy/
    -            405
GET /about/terms/<int:version>/
    open         200
POST /about/terms/<int:version>/
    open         405
GET /about/privacy/<int:version>/
    open         404
POST /about/privacy/<int:version>/
    open         405
GET /settings/terms/
    -            login 200 200 200 200 200 200 login
POST /settings/terms/
    -            login 302 302 302 302 302 302 login
GET /settings/data/
    -            login 200 200 200 200 200 200 login
POST /settings/data/
    -            login 302 302 302 302 302 302 login
# Who has not just shown who they are is asked first, whatever the number (tests/members/test_archive.py goes on).
GET /settings/data/<int:archive_id>/
    open         login 302 302 302 302 302 302 login
POST /settings/data/<int:archive_id>/
    open         405
GET /settings/leave/
    -            login 302 302 302 302 302 302 login
POST /settings/leave/
    -            login 302 302 302 302 302 302 login
GET /settings/preferences/
    -            login 200 200 200 200 200 200 login
POST /settings/preferences/
    -            login 302 302 302 302 302 302 login
GET /settings/creator/
    -            login 404 404 200 404 404 404 login
POST /settings/creator/
    -            login 404 404 302 404 404 404 login
GET /settings/notifications/
    -            login 200 200 200 200 200 200 login
POST /settings/notifications/
    -            login 302 302 302 302 302 302 login
GET /settings/notifications/browsers/<int:device_id>/
    open         405
POST /settings/notifications/browsers/<int:device_id>/
    open         login 302 404 404 404 404 404 login
    missing      login 404 404 404 404 404 404 login

# --- notices -------------------------------------------------------------------------------------------------

GET /notifications/
    -            login 200 200 200 200 200 200 login
POST /notifications/
    -            405
GET /notifications/following/
    -            login 200 200 200 200 200 200 login
POST /notifications/following/
    -            405
GET /notifications/read/
    -            405
POST /notifications/read/
    -            login 302 302 302 302 302 302 login
GET /notifications/<int:notice_id>/read/
    open         405
POST /notifications/<int:notice_id>/read/
    open         login 302 302 302 302 302 302 login
    missing      login 302 302 302 302 302 302 login
GET /notifications/levels/<slug:kind>/<int:target_id>/
    open         405
POST /notifications/levels/<slug:kind>/<int:target_id>/
    open         403 302 302 302 302 302 302 403
    locked       403 302 302 302 302 302 302 403
    deleted      403 302 404 404 302 302 302 403
    hidden       403 302 404 404 302 302 302 403
    private      403 404 404 302 302 302 302 403
    missing      403 404 404 404 404 404 404 403
# The token is the right; who holds it needs no session (RFC 8058).
GET /notifications/unsubscribe/<str:token>/
    open         200
    missing      404
POST /notifications/unsubscribe/<str:token>/
    open         200
    missing      404
GET /i18n/setlang/
    -            302
POST /i18n/setlang/
    -            302

# --- the API of members --------------------------------------------------------------------------------------

GET /api/v1/
    -            404
GET /api/v1/openapi.json
    -            404 404 404 404 404 200 200 404
GET /api/v1/docs
    -            404 404 404 404 404 200 200 404
GET /api/v1/me
    -            401 200 200 200 200 200 200 401
GET /api/v1/me/level
    -            401 200 200 200 200 200 200 401
GET /api/v1/notifications
    -            401 200 200 200 200 200 200 401
GET /api/v1/notifications/unread
    -            401 200 200 200 200 200 200 401
POST /api/v1/notifications/read
    -            401 200 200 200 200 200 200 401
GET /api/v1/levels
    -            401 200 200 200 200 200 200 401
# Without ids there is nothing to ask.
GET /api/v1/notifications/waiting
    -            401 422 422 422 422 422 422 401
GET /api/v1/push
    -            401 200 200 200 200 200 200 401
PUT /api/v1/push
    -            401 200 200 200 200 200 200 401
DELETE /api/v1/push/<device_id>
    open         401 204 404 404 404 404 404 401
    missing      401 404 404 404 404 404 404 401
# Only what the caller said before, whatever became of the place.
GET /api/v1/levels/<kind>/<target_id>
    open         401 200 200 200 200 200 200 401
    deleted      401 200 200 200 200 200 200 401
    hidden       401 200 200 200 200 200 200 401
    private      401 200 200 200 200 200 200 401
    missing      401 200 200 200 200 200 200 401
PUT /api/v1/levels/<kind>/<target_id>
    open         401 200 200 200 200 200 200 401
    locked       401 200 200 200 200 200 200 401
    deleted      401 200 404 404 200 200 200 401
    hidden       401 200 404 404 200 200 200 401
    private      401 404 404 200 200 200 200 401
    missing      401 404 404 404 404 404 404 401
GET /api/v1/feed
    -            401 200 200 200 200 200 200 401
GET /api/v1/bookmarks
    -            401 200 200 200 200 200 200 401
PUT /api/v1/bookmarks/<kind>/<target_id>
    open         401 200 200 200 200 200 200 401
    locked       401 200 200 200 200 200 200 401
    deleted      401 200 404 404 200 200 200 401
    hidden       401 200 404 404 200 200 200 401
    private      401 404 404 200 200 200 200 401
    missing      401 404 404 404 404 404 404 401
DELETE /api/v1/bookmarks/<kind>/<target_id>
    open         401 204 204 204 204 204 204 401
    locked       401 204 204 204 204 204 204 401
    deleted      401 204 204 204 204 204 204 401
    hidden       401 204 204 204 204 204 204 401
    private      401 204 204 204 204 204 204 401
    missing      401 204 204 204 204 204 204 401
GET /api/v1/members
    -            401 200 200 200 200 200 200 401
GET /api/v1/members/<handle>
    open         200
    closed       404 404 404 404 200 200 200 404
    missing      404
GET /api/v1/blocks
    -            401 200 200 200 200 200 200 401
PUT /api/v1/blocks/<handle>
    open         401 403 200 200 403 403 403 401
    closed       401 404 404 404 403 403 403 401
    missing      401 404 404 404 404 404 404 401
DELETE /api/v1/blocks/<handle>
    open         401 200 200 200 404 404 404 401
    closed       401 404 404 404 404 404 404 401
    missing      401 404 404 404 404 404 404 401
GET /api/v1/categories
    -            200
GET /api/v1/threads
    -            200
POST /api/v1/threads
    open         401 201 201 201 201 201 201 401
    private      401 404 404 201 201 201 201 401
GET /api/v1/threads/<thread_id>
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
GET /api/v1/threads/<thread_id>/posts
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /api/v1/threads/<thread_id>/posts
    open         401 201 201 201 201 201 201 401
    locked       401 403 403 403 201 201 201 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 201 201 201 201 401
    missing      401 404 404 404 404 404 404 401
DELETE /api/v1/threads/<thread_id>/accepted
    open         401 200 403 200 403 200 200 401
    locked       401 200 403 200 403 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 200 403 200 200 401
    missing      401 404 404 404 404 404 404 401
GET /api/v1/posts/<post_id>
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
PATCH /api/v1/posts/<post_id>
    open         401 200 403 403 200 200 200 401
    locked       401 403 403 403 200 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 403 200 200 200 401
    missing      401 404 404 404 404 404 404 401
DELETE /api/v1/posts/<post_id>
    open         401 200 403 403 200 200 200 401
    locked       401 403 403 403 200 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 403 200 200 200 401
    missing      401 404 404 404 404 404 404 401
GET /api/v1/posts/<post_id>/history
    open         200
    deleted      404 200 404 404 200 200 200 404
    hidden       404 200 404 404 200 200 200 404
    private      404 404 404 200 200 200 200 404
    missing      404
POST /api/v1/posts/<post_id>/restore
    open         401 403 403 403 403 403 403 401
    locked       401 403 403 403 403 403 403 401
    deleted      401 200 404 404 200 200 200 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 403 403 403 403 401
    missing      401 404 404 404 404 404 404 401
PUT /api/v1/posts/<post_id>/reactions/<kind>
    open         401 403 200 200 200 200 200 401
    locked       401 403 200 200 200 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 200 200 200 200 401
    missing      401 404 404 404 404 404 404 401
DELETE /api/v1/posts/<post_id>/reactions/<kind>
    open         401 403 200 200 200 200 200 401
    locked       401 403 200 200 200 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 200 200 200 200 401
    missing      401 404 404 404 404 404 404 401
PUT /api/v1/posts/<post_id>/accepted
    open         401 200 403 200 403 200 200 401
    locked       401 200 403 200 403 200 200 401
    deleted      401 403 404 404 403 403 403 401
    hidden       401 403 404 404 403 403 403 401
    private      401 404 404 200 403 200 200 401
    missing      401 404 404 404 404 404 404 401
POST /api/v1/preview
    -            401 200 200 200 200 200 200 401

# --- the API of shops: key other_key no_scope revoked no_key session -----------------------------------------

@shop items orders customers creators
GET /api/v1/{rows}
    -            200 200 403 401 401 401
POST /api/v1/{rows}:bulk
    -            200 200 403 401 401 401
GET /api/v1/{rows}/<path:external_id>
    own          200 404 403 401 401 401
    other        404 200 403 401 401 401
    missing      404 404 403 401 401 401
PUT /api/v1/{rows}/<path:external_id>
    own          200 201 403 401 401 401
    other        201 200 403 401 401 401
    missing      201 201 403 401 401 401
@shop items orders
DELETE /api/v1/{rows}/<path:external_id>
    own          204 404 403 401 401 401
    other        404 204 403 401 401 401
    missing      404 404 403 401 401 401
@shop customers
DELETE /api/v1/{rows}/<path:external_id>
    own          204 204 403 401 401 401
    other        204 204 403 401 401 401
    missing      204 204 403 401 401 401
@shop items
POST /api/v1/{rows}/<path:external_id>/pictures
    own          201 404 403 401 401 401
    other        404 201 403 401 401 401
    missing      404 404 403 401 401 401
@

# --- the admin's own pages (its tables: see ADMIN) -----------------------------------------------------------

GET /admin/
    -            login login login login login 200 200 login
POST /admin/
    -            login login login login login 200 200 login
GET /admin/login/
    -            login 403 403 403 403 302 302 login
POST /admin/login/
    -            login 403 403 403 403 200 200 login
GET /admin/logout/
    -            302 302 302 302 302 200 200 302
POST /admin/logout/
    -            302
GET /admin/password_change/
    -            login login login login login 302 302 login
POST /admin/password_change/
    -            login login login login login 302 302 login
GET /admin/password_change/done/
    -            login login login login login 200 200 login
POST /admin/password_change/done/
    -            login login login login login 405 405 login
GET /admin/autocomplete/
    -            login login login login login 403 403 login
POST /admin/autocomplete/
    -            login login login login login 405 405 login
GET /admin/jsi18n/
    -            login login login login login 200 200 login
POST /admin/jsi18n/
    -            login login login login login 405 405 login
GET /admin/r/<path:content_type_id>/<path:object_id>/
    -            login login login login login 404 404 login
POST /admin/r/<path:content_type_id>/<path:object_id>/
    -            login login login login login 404 404 login
GET /admin/<app_label>/
    -            login login login login login 200 200 login
POST /admin/<app_label>/
    -            login login login login login 200 200 login
GET /admin/<url>
    -            login login login login login 404 404 login
POST /admin/<url>
    -            login login login login login 404 404 login
GET /admin/members/member/<int:member_id>/role/
    open         login login login login login 403 200 login
    missing      login login login login login 404 404 login
POST /admin/members/member/<int:member_id>/role/
    open         login login login login login 403 302 login
    missing      login login login login login 404 404 login
GET /admin/members/member/<int:member_id>/level/
    open         login login login login login 200 200 login
    missing      login login login login login 404 404 login
POST /admin/members/member/<int:member_id>/level/
    open         login login login login login 302 302 login
    missing      login login login login login 404 404 login
GET /admin/catalog/shop/<int:shop_id>/key/
    open         login login login login login 200 200 login
    missing      login login login login login 404 404 login
POST /admin/catalog/shop/<int:shop_id>/key/
    open         login login login login login 200 200 login
    missing      login login login login login 404 404 login
GET /admin/catalog/creator/<int:creator_id>/link/
    open         login login login login login 200 200 login
    missing      login login login login login 404 404 login
POST /admin/catalog/creator/<int:creator_id>/link/
    open         login login login login login 302 302 login
    missing      login login login login login 404 404 login
"""

# Tables of the admin: who may do what with their rows. Everybody else is led to the sign-in page.
ADMIN = """
table                          view   add     change  delete
catalog/apikey                 staff  nobody  nobody  nobody
catalog/creator                staff  nobody  nobody  nobody
catalog/customer               staff  nobody  nobody  nobody
catalog/item                   staff  nobody  nobody  nobody
catalog/order                  staff  nobody  nobody  nobody
catalog/shop                   staff  staff   staff   nobody
catalog/tag                    staff  nobody  nobody  nobody
members/legaltext              staff  staff   nobody  nobody
members/member                 staff  nobody  staff   nobody
members/staffaction            staff  nobody  nobody  nobody
procrastinate/procrastinatejob admin  nobody  nobody  nobody
threads/category               staff  staff   staff   nobody
threads/post                   staff  nobody  nobody  nobody
threads/thread                 staff  nobody  nobody  nobody
"""

# The pages that Django's admin makes for a table, and the right that opens each; one way there is for all staff.
ADMIN_PAGES = {
    "": "view",
    "add/": "add",
    "<path:object_id>/change/": "change",
    "<path:object_id>/": "",
    "<path:object_id>/delete/": "delete",
    "<path:object_id>/history/": "view",
}
STAFF = {"manager": {"staff"}, "admin": {"staff", "admin"}}


@dataclass
class Row:
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_shops: bool = False

    def answer(self, state: str, role: str) -> str:
        words = self.cells[state]
        return words[0] if len(words) == 1 else words[(KEYS if self.is_shops else ROLES).index(role)]

    @property
    def everybody_everywhere(self) -> bool:
        """A method that is refused before anything is looked at."""
        return set(self.cells.values()) == {("405",)}


def read(text: str) -> dict[str, Row]:
    """The rows by the names of their endpoints. A block under `@shop a b` stands for each of a and b."""
    rows: dict[str, Row] = {}
    kinds: list[str] = []
    current: list[Row] = []
    for line in text.splitlines():
        if line.startswith("@"):
            kinds = line.split()[1:]
        elif line[:1].isupper():
            names = [line.replace("{rows}", kind) for kind in kinds] if kinds else [line]
            assert not set(names) & set(rows), f"two rows for {line}"
            current = [rows.setdefault(name, Row(is_shops=bool(kinds))) for name in names]
        elif line.strip() and not line.startswith("#"):
            state, *words = line.split()
            assert len(words) in {1, len(KEYS if kinds else ROLES)}, line
            for row in current:
                row.cells[state] = tuple(words)
    return rows


def read_admin(text: str) -> dict[str, dict[str, str]]:
    head, *lines = [line.split() for line in text.strip().splitlines()]
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


def admin_page(endpoint: Endpoint) -> tuple[str, str] | None:
    """("members/member", "add") for a page that Django's admin makes for a table; None for any other."""
    prefix, app, name, *rest = [*endpoint.route.split("/", 3), "", ""][:4]
    right = ADMIN_PAGES.get("".join(rest))
    if prefix != "admin" or f"{app}/{name}" not in read_admin(ADMIN) or right is None:
        return None
    # A row that may not be changed can be looked at.
    return f"{app}/{name}", "view" if right == "change" and not endpoint.is_unsafe else right


def admin_answer(row: dict[str, str], right: str, role: str) -> str:
    """ "200" where the page opens."""
    if role not in STAFF:
        return "login"
    return "200" if not right or row[right] in STAFF[role] else "403"
