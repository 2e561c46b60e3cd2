"""Writes of members. Every verb opens, or joins, one transaction."""

from community.members.actions.accounts import (
    abandon_sign_up,
    ban_member,
    change_password,
    drop_password,
    forget_unverified,
    keep_thread_view,
    note,
    rehearse_sign_up,
    set_preferences,
    set_role,
    sign_out,
    sign_up,
    unban_member,
    update_profile,
)
from community.members.actions.addresses import (
    forget_address_changes,
    keep_way_back,
    take_address_back,
)
from community.members.actions.archives import (
    ask_for_archive,
    forget_archives,
    make_archive,
    open_archive,
    sweep_archives,
)
from community.members.actions.blocks import block, drop_blocks, unblock
from community.members.actions.consents import agree_to_texts, publish_text, set_consent
from community.members.actions.factors import reset_second_factor, settle_second_factor, spend_code
from community.members.actions.leaving import ask_to_leave, erase, erase_due, stay
from community.members.actions.sign_ins import (
    begin_sign_in,
    end_other_sign_ins,
    end_sign_in,
    forget_ended_sign_ins,
    move_sign_in,
    see,
    sign_in_of,
)
from community.members.actions.trust import set_trust, settle_batch, settle_trust

__all__ = [
    "abandon_sign_up",
    "agree_to_texts",
    "ask_for_archive",
    "ask_to_leave",
    "ban_member",
    "begin_sign_in",
    "block",
    "change_password",
    "drop_blocks",
    "drop_password",
    "end_other_sign_ins",
    "end_sign_in",
    "erase",
    "erase_due",
    "forget_address_changes",
    "forget_archives",
    "forget_ended_sign_ins",
    "forget_unverified",
    "keep_thread_view",
    "keep_way_back",
    "make_archive",
    "move_sign_in",
    "note",
    "open_archive",
    "publish_text",
    "rehearse_sign_up",
    "reset_second_factor",
    "see",
    "set_consent",
    "set_preferences",
    "set_role",
    "set_trust",
    "settle_batch",
    "settle_second_factor",
    "settle_trust",
    "sign_in_of",
    "sign_out",
    "sign_up",
    "spend_code",
    "stay",
    "sweep_archives",
    "take_address_back",
    "unban_member",
    "unblock",
    "update_profile",
]
