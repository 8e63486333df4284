using System.Runtime.InteropServices;
using static Qanat.Crypto.Interop.Crypto;
using static Qanat.Crypto.Interop.Err;

namespace Qanat.Crypto;

/// <summary>OpenSSL's libcrypto, which is looked for when it is needed for the first time.</summary>
public static unsafe class LibCrypto
{
    /// <summary>The library's name to the loader.</summary>
    internal const string Name = "libcrypto.so.3";

    private const string Remedy = "install OpenSSL 3 (Debian and Ubuntu: apt-get install libssl3)";

    private static readonly string? s_problem = Load();

    /// <summary>True when there is a libcrypto to work with.</summary>
    public static bool IsAvailable => s_problem is null;

    /// <summary>Which one it is, for people: <c>OpenSSL 3.5.4</c>.</summary>
    /// <exception cref="CryptoException">There is none.</exception>
    public static string Version
    {
        get
        {
            Require();
            var text = Marshal.PtrToStringUTF8((nint)OpenSSL_version(OPENSSL_VERSION))!;
            return string.Join(' ', text.Split(' ').Take(2)); // what follows is a date
        }
    }

    /// <summary>Makes sure that there is a libcrypto to work with.</summary>
    /// <exception cref="CryptoException">There is none, or it is too old; the message says what to install.</exception>
    public static void Require()
    {
        if (s_problem is not null)
            throw new CryptoException(s_problem);
    }

    /// <summary>Looks for the first of <paramref name="names"/> that is there. What is wrong with it, or null.</summary>
    internal static string? Find(ReadOnlySpan<string> names, out nint library)
    {
        library = 0;
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out library))
                return NativeLibrary.TryGetExport(library, nameof(Interop.Evp.EVP_CipherInit_ex2), out _)
                    ? null
                    : $"{name} is older than OpenSSL 3: {Remedy}";
        return $"{Name} is missing: {Remedy}";
    }

    /// <summary>Ends a call of libcrypto that did not return 1.</summary>
    internal static void Check(int result, string operation)
    {
        if (result != 1)
            throw Failure(operation);
    }

    /// <summary>What libcrypto says is wrong. Its queue of errors is empty afterwards.</summary>
    internal static CryptoException Failure(string operation)
    {
        var text = stackalloc byte[256];
        ERR_error_string_n(ERR_get_error(), text, 256);
        ERR_clear_error();
        return new CryptoException($"{operation}: {Marshal.PtrToStringUTF8((nint)text)}");
    }

    private static string? Load()
    {
        var problem = Find([Name, "libcrypto.so"], out var library);
        if (problem is null)
            NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, (name, _, _) => name == Name ? library : 0);
        return problem;
    }
}
