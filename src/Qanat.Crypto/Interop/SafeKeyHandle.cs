using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>Owns an EVP_PKEY. libcrypto wipes a private key in it when it is freed.</summary>
internal sealed class SafeKeyHandle : SafeHandle
{
    public SafeKeyHandle(nint pkey)
        : base(0, ownsHandle: true)
        => SetHandle(pkey);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EVP_PKEY_free(handle);
        return true;
    }
}
