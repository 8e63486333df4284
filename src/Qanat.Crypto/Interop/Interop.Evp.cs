// openssl/evp.h

using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Core;

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    /// <summary>All of it is OpenSSL 3's. Whoever calls must have called <see cref="LibCrypto.Require"/> before.</summary>
    internal static partial class Evp
    {
        internal const int EVP_MAX_MD_SIZE = 64, EVP_PKEY_X25519 = 1034;

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

        [LibraryImport(LibCrypto.Name, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint EVP_MD_fetch(nint ctx, string algorithm, string? properties);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_MD_CTX_new();

        [LibraryImport(LibCrypto.Name)]
        internal static partial void EVP_MD_CTX_free(nint ctx);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_DigestInit_ex2(nint ctx, nint type, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_DigestUpdate(nint ctx, byte* d, nuint cnt);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_DigestFinal_ex(nint ctx, byte* md, uint* s);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_PKEY_new_raw_private_key(int type, nint e, byte* priv, nuint len);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_PKEY_new_raw_public_key(int type, nint e, byte* pub, nuint len);

        [LibraryImport(LibCrypto.Name, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint EVP_PKEY_new_raw_public_key_ex(nint libctx, string keytype, string? propq, byte* key, nuint keylen);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_get_raw_public_key(nint pkey, byte* pub, nuint* len);

        [LibraryImport(LibCrypto.Name)]
        internal static partial void EVP_PKEY_free(nint pkey);

        [LibraryImport(LibCrypto.Name)]
        internal static partial nint EVP_PKEY_CTX_new(nint pkey, nint e);

        [LibraryImport(LibCrypto.Name, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint EVP_PKEY_CTX_new_from_name(nint libctx, string name, string? propquery);

        [LibraryImport(LibCrypto.Name)]
        internal static partial void EVP_PKEY_CTX_free(nint ctx);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_CTX_set_params(nint ctx, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_keygen_init(nint ctx);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_generate(nint ctx, nint* ppkey);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_derive_init(nint ctx);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_derive_set_peer_ex(nint ctx, nint peer, int validate_peer);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_derive(nint ctx, byte* key, nuint* keylen);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_encapsulate_init(nint ctx, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_encapsulate(nint ctx, byte* wrappedkey, nuint* wrappedkeylen, byte* genkey, nuint* genkeylen);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_decapsulate_init(nint ctx, OSSL_PARAM* @params);

        [LibraryImport(LibCrypto.Name)]
        internal static partial int EVP_PKEY_decapsulate(nint ctx, byte* unwrapped, nuint* unwrappedlen, byte* wrapped, nuint wrappedlen);
    }
}
