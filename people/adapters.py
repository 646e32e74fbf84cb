"""Second factors are encrypted at rest."""

from allauth.mfa.adapter import DefaultMFAAdapter

from common.crypto import decrypt, encrypt


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
