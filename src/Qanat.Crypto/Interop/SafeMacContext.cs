using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>Owns an EVP_MAC_CTX. libcrypto wipes the key in it when it is freed.</summary>
internal sealed class SafeMacContext : SafeHandle
{
    public SafeMacContext(nint mac)
        : base(0, ownsHandle: true)
        => SetHandle(EVP_MAC_CTX_new(mac));

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EVP_MAC_CTX_free(handle);
        return true;
    }
}
