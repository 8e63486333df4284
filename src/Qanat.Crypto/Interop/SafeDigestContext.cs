using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>Owns an EVP_MD_CTX.</summary>
internal sealed class SafeDigestContext : SafeHandle
{
    public SafeDigestContext()
        : base(0, ownsHandle: true)
        => SetHandle(EVP_MD_CTX_new());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EVP_MD_CTX_free(handle);
        return true;
    }
}
