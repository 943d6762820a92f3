// Everything a program that uses Cuttle needs: #include <cuttle/cuttle.h>
#pragma once

#include "core/autograd/backward.h"
#include "core/autograd/grad_mode.h"
#include "core/creation.h"
#include "core/cuda.h"
#include "core/gradcheck.h"
#include "core/ops/arithmetic.h"
#include "core/ops/conv2d.h"
#include "core/ops/cross_entropy.h"
#include "core/ops/linear.h"
#include "core/ops/max_pool2d.h"
#include "core/state_dict.h"
#include "core/tensor.h"
