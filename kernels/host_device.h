// Functions that host code and kernels share are marked CUTTLE_HOST_DEVICE.
#pragma once

#if defined(__CUDACC__)
#define CUTTLE_HOST_DEVICE __host__ __device__
#else
#define CUTTLE_HOST_DEVICE
#endif
