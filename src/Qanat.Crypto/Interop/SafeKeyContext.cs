using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>Owns an EVP_PKEY_CTX, which keeps the key it is made of alive, if there is one.</summary>
internal sealed class SafeKeyContext : SafeHandle
{
    public SafeKeyContext(nint pkey)
        : base(0, ownsHandle: true)
        => SetHandle(EVP_PKEY_CTX_new(pkey, 0));

    /// <summary>One to make keys with; invalid when libcrypto knows no such algorithm.</summary>
    public SafeKeyContext(string algorithm)
        : base(0, ownsHandle: true)
        => SetHandle(EVP_PKEY_CTX_new_from_name(0, algorithm, null));

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EVP_PKEY_CTX_free(handle);
        return true;
    }
}
