using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Evp;

namespace Qanat.Crypto;

/// <summary>Owns an EVP_CIPHER_CTX. libcrypto wipes the key schedule in it when it is freed.</summary>
internal sealed class SafeCipherContext : SafeHandle
{
    public SafeCipherContext()
        : base(0, ownsHandle: true)
        => SetHandle(EVP_CIPHER_CTX_new());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EVP_CIPHER_CTX_free(handle);
        return true;
    }
}
