// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device. One owner at a time, the process that opened it; the
 * file alone is not enough, so that a child that inherits it can do nothing.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/cpufeature.h>
#include <asm/tsc.h>

#include "pb_abi.h"
#include "pb_field.h"
#include "pb_mech.h"
#include "pb_pmu.h"
#include "pb_selftest.h"
#include "pb_session.h"
#include "pb_set.h"
#include "pb_slot.h"
#include "pb_window.h"
#include "pb_work.h"

struct pb_device {
	atomic_t opened;
	struct mutex lock;	/* serializes requests */
	struct pid *owner;	/* thread group that opened it */
	bool has_pmu;
	struct pb_session session;
	struct pb_set_state set;
};

static struct pb_device pb_device = {
	.opened = ATOMIC_INIT(0),
	.lock = __MUTEX_INITIALIZER(pb_device.lock),
};

static int pb_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (atomic_cmpxchg(&pb_device.opened, 0, 1))
		return -EBUSY;
	memset(&pb_device.session, 0, sizeof(pb_device.session));
	pb_device.owner = get_pid(task_tgid(current));
	pb_device.has_pmu = !pb_pmu_open();
	return 0;
}

static int pb_release(struct inode *inode, struct file *file)
{
	bool stuck;

	mutex_lock(&pb_device.lock);
	if (pb_device.session.mech)
		pb_session_detach(&pb_device.session);
	if (pb_device.set.ops)
		pb_set_clear(&pb_device.set);
	pb_slot_release();
	pb_pmu_close();
	put_pid(pb_device.owner);
	pb_device.owner = NULL;
	stuck = pb_device.session.mech || pb_device.set.ops;
	mutex_unlock(&pb_device.lock);
	if (stuck)	/* what is still registered calls our text */
		__module_get(THIS_MODULE);
	else
		atomic_set(&pb_device.opened, 0);
	return 0;
}

static long pb_ioc_info(void __user *arg)
{
	struct pb_info info = {
		.abi_version = PB_ABI_VERSION,
		.features = pb_mech_features(),
		.max_calls = PB_MAX_CALLS,
		.max_window_ns = PB_MAX_WINDOW_NS,
		.probation_calls = PB_PROBATION_CALLS,
		.warmup_calls = PB_WARMUP_CALLS,
		.tsc_khz = tsc_khz,
	};

	if (pb_device.has_pmu)
		info.features |= PB_FEATURE_PMU;
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long pb_ioc_attach(void __user *arg,
			  int (*act)(struct pb_session *s,
				     const struct pb_attach *req))
{
	struct pb_attach req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return act(&pb_device.session, &req);
}

static long pb_ioc_evidence(void __user *arg)
{
	struct pb_evidence *ev;
	long err = -EFAULT;

	ev = kzalloc(sizeof(*ev), GFP_KERNEL);
	if (!ev)
		return -ENOMEM;
	if (copy_from_user(ev, arg, sizeof(*ev)))
		goto free_evidence;
	err = pb_session_evidence(&pb_device.session, ev);
	if (!err && copy_to_user(arg, ev, sizeof(*ev)))
		err = -EFAULT;

free_evidence:
	kfree(ev);
	return err;
}

static long pb_ioc_window(void __user *arg)
{
	struct pb_window w;
	long err;

	if (copy_from_user(&w, arg, sizeof(w)))
		return -EFAULT;
	err = pb_session_window(&pb_device.session, &w);
	if (!err && copy_to_user(arg, &w, sizeof(w)))
		err = -EFAULT;
	return err;
}

static long pb_ioc_selftest(void __user *arg)
{
	struct pb_selftest result;

	if (pb_device.session.mech || pb_device.set.ops)
		return -EBUSY;
	pb_selftest_run(&result);
	return copy_to_user(arg, &result, sizeof(result)) ? -EFAULT : 0;
}

static long pb_ioc_set_define(void __user *arg)
{
	struct pb_set req;

	if (pb_device.session.mech)
		return -EBUSY;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return pb_set_define(&pb_device.set, &req);
}

static long pb_ioc_set_handler(void __user *arg)
{
	struct pb_set_handler req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return pb_set_use_handler(&pb_device.set, &req);
}

static long pb_ioc_set_totals(void __user *arg)
{
	struct pb_set_totals totals;
	long err;

	err = pb_set_totals(&pb_device.set, &totals);
	if (!err && copy_to_user(arg, &totals, sizeof(totals)))
		err = -EFAULT;
	return err;
}

static long pb_ioc_set_read(void __user *arg)
{
	struct pb_set_read req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return pb_set_read(&pb_device.set, &req);
}

static long pb_ioc_set_evidence(void __user *arg)
{
	struct pb_set_evidence *look;
	long err = -EFAULT;

	look = kzalloc(sizeof(*look), GFP_KERNEL);
	if (!look)
		return -ENOMEM;
	if (copy_from_user(look, arg, sizeof(*look)))
		goto free_look;
	err = -EINVAL;
	if (look->reserved || look->evidence.when || look->evidence.reserved)
		goto free_look;
	err = pb_set_look(&pb_device.set, look->index, &look->evidence);
	if (!err && copy_to_user(arg, look, sizeof(*look)))
		err = -EFAULT;

free_look:
	kfree(look);
	return err;
}

static long pb_ioc_set_ticks(void __user *arg)
{
	struct pb_set_ticks ticks;

	pb_set_step_ticks(&ticks);
	return copy_to_user(arg, &ticks, sizeof(ticks)) ? -EFAULT : 0;
}

static long pb_dispatch_set(unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case PB_IOC_SET_DEFINE:
		return pb_ioc_set_define(arg);
	case PB_IOC_SET_ARM:
		return pb_set_arm(&pb_device.set);
	case PB_IOC_SET_HANDLER:
		return pb_ioc_set_handler(arg);
	case PB_IOC_SET_TOTALS:
		return pb_ioc_set_totals(arg);
	case PB_IOC_SET_READ:
		return pb_ioc_set_read(arg);
	case PB_IOC_SET_EVIDENCE:
		return pb_ioc_set_evidence(arg);
	case PB_IOC_SET_DISARM:
		return pb_set_disarm(&pb_device.set);
	case PB_IOC_SET_TICKS:
		return pb_ioc_set_ticks(arg);
	case PB_IOC_SET_CLEAR:
		return pb_set_clear(&pb_device.set);
	}
	return -ENOTTY;
}

static long pb_ioc_field_sites(void __user *arg)
{
	struct pb_field_sites sites;

	if (copy_from_user(&sites, arg, sizeof(sites)))
		return -EFAULT;
	return pb_field_sites(&sites);
}

static long pb_ioc_field_window(void __user *arg)
{
	struct pb_field_window w;
	long err;

	if (copy_from_user(&w, arg, sizeof(w)))
		return -EFAULT;
	err = pb_field_window(&w);
	if (!err && copy_to_user(arg, &w, sizeof(w)))
		err = -EFAULT;
	return err;
}

static long pb_ioc_field_handler(void __user *arg)
{
	struct pb_field_handler h;
	long err;

	if (copy_from_user(&h, arg, sizeof(h)))
		return -EFAULT;
	err = pb_field_handler(&h);
	if (!err && copy_to_user(arg, &h, sizeof(h)))
		err = -EFAULT;
	return err;
}

static long pb_dispatch(unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case PB_IOC_INFO:
		return pb_ioc_info(arg);
	case PB_IOC_ATTACH:
		if (pb_device.set.ops)
			return -EBUSY;
		return pb_ioc_attach(arg, pb_session_attach);
	case PB_IOC_SELECT:
		return pb_ioc_attach(arg, pb_session_select);
	case PB_IOC_DETACH:
		return pb_session_detach(&pb_device.session);
	case PB_IOC_EVIDENCE:
		return pb_ioc_evidence(arg);
	case PB_IOC_WINDOW:
		return pb_ioc_window(arg);
	case PB_IOC_SELFTEST:
		return pb_ioc_selftest(arg);
	case PB_IOC_FIELD_SITES:
		return pb_ioc_field_sites(arg);
	case PB_IOC_FIELD_WINDOW:
		return pb_ioc_field_window(arg);
	case PB_IOC_FIELD_HANDLER:
		return pb_ioc_field_handler(arg);
	}
	return pb_dispatch_set(cmd, arg);
}

static long pb_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err;

	if (task_tgid(current) != pb_device.owner)
		return -EPERM;
	err = mutex_lock_interruptible(&pb_device.lock);
	if (err)
		return err;
	err = pb_dispatch(cmd, (void __user *)arg);
	mutex_unlock(&pb_device.lock);
	return err;
}

static const struct file_operations pb_fops = {
	.owner = THIS_MODULE,
	.open = pb_open,
	.release = pb_release,
	.unlocked_ioctl = pb_ioctl,
};

static struct miscdevice pb_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = PB_DEVICE_NAME,
	.fops = &pb_fops,
	.mode = 0600,
};

static int __init pb_init(void)
{
	int err;

	if (!boot_cpu_has(X86_FEATURE_XMM4_2)) {
		pr_err("probebench: the mid-step site needs a CPU with SSE4.2\n");
		return -ENODEV;
	}
	err = pb_work_init();
	if (err)
		return err;
	err = misc_register(&pb_misc);
	if (err)
		goto free_work;
	return 0;

free_work:
	pb_work_exit();
	return err;
}

static void __exit pb_exit(void)
{
	misc_deregister(&pb_misc);
	pb_work_exit();
}

module_init(pb_init);
module_exit(pb_exit);

MODULE_DESCRIPTION("probebench: probe sites, mechanisms and the measured loop");
MODULE_LICENSE("GPL");
