// openssl/evp.h

using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Core;

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    /// <summary>All of it is OpenSSL 3's. Whoever calls must have called <see cref="LibCrypto.Require"/> before.</summary>
    internal static partial class Evp
    {
        internal const int EVP_MAX_MD_SIZE = 64;

        [LibraryImport(LibCrypto.Name, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint EVP_CIPHER_fetch(nint ctx, string algorithm, string? properties);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_CIPHER_CTX_new();

        [LibraryImport(LibCrypto.Name)]
        internal static partial void EVP_CIPHER_CTX_free(nint ctx);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CIPHER_CTX_set_padding(nint c, int pad);

        /// <summary>What is null, and an enc of -1, stays as it is.</summary>
        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CipherInit_ex2(nint ctx, nint cipher, byte* key, byte* iv, int enc, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CipherUpdate(nint ctx, byte* @out, int* outl, byte* @in, int inl);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CipherFinal_ex(nint ctx, byte* outm, int* outl);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CIPHER_CTX_get_params(nint ctx, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_CIPHER_CTX_set_params(nint ctx, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint EVP_MAC_fetch(nint libctx, string algorithm, string? properties);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_MAC_CTX_new(nint mac);

        [LibraryImport(LibCrypto.Name)]
        internal static partial void EVP_MAC_CTX_free(nint ctx);

        /// <summary>A key of null begins anew with the last one.</summary>
        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_MAC_init(nint ctx, byte* key, nuint keylen, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_MAC_update(nint ctx, byte* data, nuint datalen);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_MAC_final(nint ctx, byte* @out, nuint* outl, nuint outsize);
    }
}
