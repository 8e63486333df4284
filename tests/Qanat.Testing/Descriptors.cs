using System.Runtime.InteropServices;

namespace Qanat.Testing;

/// <summary>Descriptors that are handed to programs.</summary>
public static class Descriptors
{
    /// <summary>Lets programs that are started from now on have a descriptor, under the number that is returned.</summary>
    public static int Bequeath(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var number = (int)handle.DangerousGetHandle();
        return Native.fcntl(number, Native.F_SETFD, 0) == 0
            ? number
            : throw new InvalidOperationException($"fcntl {number}: error {Marshal.GetLastSystemError()}");
    }
}
