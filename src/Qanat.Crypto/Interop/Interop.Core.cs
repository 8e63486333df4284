// openssl/core.h, openssl/core_names.h

namespace Qanat.Crypto;

internal static unsafe partial class Interop
{
    internal static class Core
    {
        internal const uint OSSL_PARAM_UNSIGNED_INTEGER = 2, OSSL_PARAM_UTF8_STRING = 4, OSSL_PARAM_OCTET_STRING = 5;

        // UTF-8 literals stay where they are and end with a zero.
        internal static ReadOnlySpan<byte> OSSL_CIPHER_PARAM_AEAD_TAG => "tag"u8;

        internal static ReadOnlySpan<byte> OSSL_KEM_PARAM_IKME => "ikme"u8;

        internal static ReadOnlySpan<byte> OSSL_MAC_PARAM_DIGEST => "digest"u8;

        internal static ReadOnlySpan<byte> OSSL_MAC_PARAM_SIZE => "size"u8;

        internal static ReadOnlySpan<byte> OSSL_PKEY_PARAM_ML_KEM_SEED => "seed"u8;

        /// <summary>A parameter; an array of them ends with one that is all zero (OSSL_PARAM_END).</summary>
        internal struct OSSL_PARAM
        {
            internal byte* key;
            internal uint data_type;
            internal void* data;
            internal nuint data_size;
            internal nuint return_size;
        }
    }
}
