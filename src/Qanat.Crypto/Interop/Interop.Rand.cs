// openssl/rand.h

using System.Runtime.InteropServices;

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    internal static partial class Rand
    {
        [LibraryImport(LibCrypto.Name)]
        internal static partial int RAND_bytes(byte* buf, int num);
    }
}
