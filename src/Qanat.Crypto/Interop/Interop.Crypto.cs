// openssl/crypto.h

using System.Runtime.InteropServices;

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    internal static partial class Crypto
    {
        internal const int OPENSSL_VERSION = 0;

        /// <summary>A string that stays where it is.</summary>
        [LibraryImport(LibCrypto.Name)]
        internal static partial byte* OpenSSL_version(int type);
    }
}
