"""Two parts, both mounted at the root by `community.config.urls`: the door under allauth's names, and settings.

    path("", include("community.members.urls"))

The door names only the pages we use, each with a template of ours.
"""

from allauth.account import views as account
from allauth.account.internal.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from community.members.views import archives, blocking, factors, leaving, legal, level, sign_ins
from community.members.views import door as views

door: list[URLPattern | URLResolver] = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("login/code/", views.CodeRequest.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.ConfirmLoginCode.as_view(), name="account_confirm_login_code"),
    path("signup/", views.SignUp.as_view(), name="account_signup"),
    path("signup/again/", views.sign_up_again, name="account_signup_again"),
    path(
        "confirm-email/",
        login_not_required(views.ConfirmEmailCode.as_view()),
        name="account_email_verification_sent",
    ),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("login/second-step/", factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("login/passkey/", factors.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("confirm/", factors.Proof.as_view(), name="account_reauthenticate"),
    path("email/back/<str:key>/", views.AddressBack.as_view(), name="account_address_back"),
    path("email/", views.Email.as_view(), name="account_email"),
    path("password/change/", views.PasswordChange.as_view(), name="account_change_password"),
    path("password/set/", views.PasswordSet.as_view(), name="account_set_password"),
    path("password/reset/", views.PasswordReset.as_view(), name="account_reset_password"),
    path("password/reset/confirm/", views.ConfirmResetCode.as_view(), name="account_confirm_password_reset_code"),
    path("password/reset/complete/", account.complete_password_reset, name="account_complete_password_reset"),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_password_reset_completed"),
]

second_factor: list[URLPattern | URLResolver] = [
    path("", factors.Factors.as_view(), name="mfa_index"),
    path("app/", factors.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("app/remove/", factors.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("passkeys/add/", factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", factors.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("codes/", factors.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("codes/new/", factors.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
]

settings_pages = (
    [
        path("profile/", views.Profile.as_view(), name="profile_edit"),
        path("sessions/", sign_ins.SignIns.as_view(), name="sign_ins"),
        path("level/", level.Level.as_view(), name="level"),
        path("blocked/", blocking.Blocked.as_view(), name="blocked"),
        path("blocked/<str:handle>/", blocking.BlockMember.as_view(), name="block"),
        path("blocked/<str:handle>/remove/", blocking.UnblockMember.as_view(), name="unblock"),
        path("terms/", legal.Terms.as_view(), name="terms"),
        path("data/", archives.Data.as_view(), name="data"),
        path("data/<int:archive_id>/", archives.download, name="archive"),
        path("leave/", leaving.Leave.as_view(), name="leave"),
        path("preferences/", views.Preferences.as_view(), name="preferences"),
    ],
    "members",
)

legal_pages = (
    [
        path("terms/", legal.text, {"kind": "terms"}, name="terms"),
        path("privacy/", legal.text, {"kind": "privacy"}, name="privacy"),
        path("terms/<int:version>/", legal.text, {"kind": "terms"}, name="terms_version"),
        path("privacy/<int:version>/", legal.text, {"kind": "privacy"}, name="privacy_version"),
    ],
    "legal",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(door)),
    path("about/", include(legal_pages)),
    path("settings/", include(settings_pages)),
    path("settings/security/", include(second_factor)),
    path("i18n/setlang/", views.set_language, name="set_language"),
]
