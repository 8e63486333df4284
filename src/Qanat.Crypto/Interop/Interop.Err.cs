// openssl/err.h

using System.Runtime.InteropServices;

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    internal static partial class Err
    {
        [LibraryImport(LibCrypto.Name)]
        internal static partial nuint ERR_get_error();

        [LibraryImport(LibCrypto.Name)]
        internal static partial void ERR_error_string_n(nuint e, byte* buf, nuint len);

        [LibraryImport(LibCrypto.Name)]
        internal static partial void ERR_clear_error();
    }
}
